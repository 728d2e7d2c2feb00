"""What walks through stages 3 to 5 share: five filed systems, who may do what, and how a subject's usual way goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st

from domain.access import Duty, Role
from tests.stateful.city import BY_NAME, EVERYBODY, NAME, SYSTEMS, UNITS, Person
from tests.stateful.frame import Walk
from tests.stateful.model import DAY, working

T = TypeVar("T")
# Of the city's systems: two units' of level 2, important ones of level 3, and one of level 4.
LEVELS = (2, 3, 4, 3, 2)
IMPORTANT = frozenset({1, 3})
CITY = NAME.removesuffix("市")
# Somebody in particular, or (None) whoever the step is for: most random people may not do most things.
ANYBODY = st.one_of(st.none(), st.none(), st.none(), st.sampled_from(EVERYBODY))
# What usually comes next, in each state: one of some ways, each of one step or more.
Ways = Mapping[str | None, Sequence[Sequence[str]]]


class Stages(Walk):
    """The systems, what their level assessments found and left open, and the questions that every step asks."""

    def __init__(self) -> None:
        super().__init__()
        # Of each system: the findings of its last received report, and which of them are of high risk.
        self.standing: list[dict[UUID, str]] = [{} for _ in SYSTEMS]

    # --- who ---

    @staticmethod
    def of_unit(person: Person, duty: Duty, system: int) -> bool:
        """Whether the person has the duty in the unit whose system it is."""
        return person.role is Role.UNIT and duty in person.duties and person.home == SYSTEMS[system]

    @staticmethod
    def of_city(person: Person, duty: Duty) -> bool:
        """Whether the person has the duty in the city office."""
        return person.role is Role.CITY_OFFICE and duty in person.duties

    @staticmethod
    def of_authority(person: Person, system: int) -> bool:
        """Whether the person is an officer of the authority of the unit's level."""
        district = UNITS[SYSTEMS[system]]
        return Duty.OFFICER in person.duties and person.home == (f"{district} office" if district else "city office")

    @staticmethod
    def filer(system: int) -> Person:
        """Who prepares, in the system's unit."""
        return BY_NAME[f"{SYSTEMS[system]}.filer"]

    @staticmethod
    def approver(system: int) -> Person:
        """Who decides, in the system's unit."""
        return BY_NAME[f"{SYSTEMS[system]}.approver"]

    @staticmethod
    def receiver(system: int) -> Person:
        """Who receives what the system's unit hands in."""
        district = UNITS[SYSTEMS[system]]
        return BY_NAME[f"{district}.office" if district else "officer"]

    # --- what is asked of the database ---

    def version(self, entity: Any, key: UUID) -> int:
        """The version that who has just looked would give."""
        return int(self.city.rows(entity.version, id=key)[0][0])

    # --- days ---

    def working_day(self, count: int) -> dt.date:
        """The so manieth working day after today."""
        days = (self.today + DAY * number for number in range(1, 5 * count + 30))
        return [day for day in days if working(day, {})][count - 1]

    # --- ways ---

    def go(self, person: Person | None, ways: Ways, state: str | None, way: int, number: int) -> None:
        """Take the steps of one of the state's ways, the first as ``person``, the others as whoever they are for."""
        found = ways.get(state, ((),))
        for step in found[way % len(found)]:
            getattr(self, f"_{step}")(person, number)
            person = None


def youngest(subjects: Sequence[T], number: int) -> tuple[int, T]:
    """One of the subjects with its place, the younger the likelier to be of interest."""
    place = len(subjects) - 1 - number % len(subjects)
    return place, subjects[place]
