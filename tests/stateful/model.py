"""What a city's filings, replies, returns and clocks should be: workflow.md and api.md, restated without a database."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from chinese_calendar import constants

from domain.access import Duty, Role
from tests.stateful.city import NAME, SYSTEMS, UNITS, Person

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = dt.timedelta(days=1)
EDITABLE = {"DRAFT", "INCOMPLETE", "LEVEL_ADJUSTMENT"}
ENDED = {"ACCEPTED", "WITHDRAWN", "CANCELLED", "REPLACED", "DISCARDED"}
ARCHIVE = {"FILING_ARCHIVE"}
FROM_LEVEL_3 = {"TOPOLOGY", "ORGANISATION_AND_RULES", "PROTECTION_PLAN", "PRODUCT_LIST", "EXPERT_OPINION"}
LETTERS = {"A": "备复", "B": "备补", "C": "备审"}


def working(day: dt.date, rulings: dict[dt.date, bool]) -> bool:
    """Whether a day is worked, from the official notices' own lists; Monday to Friday beyond them."""
    if day in rulings:
        return rulings[day]
    return day in constants.workdays or (day.weekday() < 5 and day not in constants.holidays)


def due(start: dt.date, rulings: dict[dt.date, bool]) -> dt.date:
    """The tenth working day after ``start``."""
    days = (start + DAY * number for number in range(1, 100))
    return [day for day in days if working(day, rulings)][9]


@dataclass
class ModelReply:
    """A draft, or what became of it."""

    kind: str
    drafter: str
    state: str = "DRAFT"
    number: str | None = None


@dataclass
class ModelFiling:
    """One filing."""

    system: int
    level: int
    saved_by: str
    state: str = "DRAFT"
    filled: bool = False
    documents: set[str] = field(default_factory=set)
    number: str | None = None
    month: dt.date | None = None
    started: dt.date | None = None
    due: dt.date | None = None
    replies: list[ModelReply] = field(default_factory=list)
    regraded: bool = True
    replaces: int | None = None

    @property
    def unit(self) -> str:
        """The unit whose filing it is."""
        return SYSTEMS[self.system]

    @property
    def district(self) -> str | None:
        """The district whose office receives it, None where the city office does."""
        return UNITS[self.unit]


@dataclass
class ModelInquiry:
    """A question of a unit's to the security centre, and whether it is answered."""

    unit: str
    state: str = "OPEN"


@dataclass
class Model:
    """The city. Each ``may_…`` says whether a step is to be accepted; what it changes stands beside it."""

    filings: list[ModelFiling] = field(default_factory=list)
    inquiries: list[ModelInquiry] = field(default_factory=list)
    returns: dict[tuple[str, dt.date], str] = field(default_factory=dict)
    late: set[tuple[str, dt.date]] = field(default_factory=set)
    rulings: dict[dt.date, bool] = field(default_factory=dict)
    letters: Counter[tuple[str, int]] = field(default_factory=Counter)
    unit_serials: dict[str, int] = field(default_factory=dict)
    system_serials: dict[int, int] = field(default_factory=dict)
    editions: Counter[int] = field(default_factory=Counter)
    levels: list[int] = field(default_factory=lambda: [2] * len(SYSTEMS))
    retired: set[int] = field(default_factory=set)

    # --- who ---

    @staticmethod
    def of_unit(person: Person, duty: Duty, filing: ModelFiling) -> bool:
        """Whether the person has the duty in the filing's unit."""
        return person.role is Role.UNIT and duty in person.duties and person.home == filing.unit

    @staticmethod
    def receives(person: Person, unit: str) -> bool:
        """Whether the person is an officer of the office that receives the unit's filings."""
        home = f"{UNITS[unit]} office" if UNITS[unit] else "city office"
        return Duty.OFFICER in person.duties and person.home == home

    @staticmethod
    def of_city(person: Person, duty: Duty) -> bool:
        """Whether the person has the duty in the city office."""
        return person.role is Role.CITY_OFFICE and duty in person.duties

    def open_filing(self, system: int) -> ModelFiling | None:
        """The system's filing that has not come to an end."""
        return next((each for each in self.filings if each.system == system and each.state not in ENDED), None)

    def fileable(self, system: int) -> bool:
        """Whether a filing of the system can be begun."""
        return system not in self.retired and self.open_filing(system) is None

    # --- clocks and returns ---

    def start_clock(self, filing: ModelFiling, day: dt.date) -> None:
        """A review begins."""
        filing.started, filing.due = day, due(day, self.rulings)
        filing.state = "UNDER_REVIEW"

    def rule(self, day: dt.date, ruling: bool | None) -> None:
        """The city rules on a day, or takes its ruling back; running reviews that began before are due anew."""
        if ruling is None:
            del self.rulings[day]
        else:
            self.rulings[day] = ruling
        for filing in self.filings:
            if filing.state == "UNDER_REVIEW" and filing.started is not None and filing.started < day:
                filing.due = due(filing.started, self.rulings)

    def into_return(self, filing: ModelFiling, today: dt.date) -> None:
        """The filing is received at its district, into the first month from this one on that is not handed in."""
        assert filing.district
        month = today.replace(day=1)
        while self.returns.get((filing.district, month)) == "SUBMITTED":
            month = (month + 32 * DAY).replace(day=1)
        self.returns[filing.district, month] = "OPEN"
        filing.month, filing.state = month, "RECEIVED"

    def hand_in(self, district: str, month: dt.date, today: dt.date) -> None:
        """All received filings of the return go under review."""
        self.returns[district, month] = "SUBMITTED"
        if today >= (month + 32 * DAY).replace(day=1):
            self.late.add((district, month))
        for filing in self.filings:
            if (filing.district, filing.month, filing.state) == (district, month, "RECEIVED"):
                self.start_clock(filing, today)

    # --- replies ---

    def issue(self, filing: ModelFiling, reply: ModelReply, today: dt.date) -> None:
        """The draft becomes a numbered letter, and the filing follows."""
        series = (reply.kind, today.year)
        self.letters[series] += 1
        name = NAME.removesuffix("市")
        reply.number = f"{name}信息办{LETTERS[reply.kind]}〔{today.year}〕{self.letters[series]}号"
        reply.state = "ISSUED"
        filing.state = {"A": "ACCEPTED", "B": "INCOMPLETE", "C": "RE_REVIEW"}[reply.kind]
        if reply.kind == "A":
            self._accept(filing)

    def _accept(self, filing: ModelFiling) -> None:
        for former in self.filings:
            if former is not filing and former.system == filing.system and former.state == "ACCEPTED":
                former.state = "REPLACED"
        code = {None: "110000", "east": "110101", "west": "110102"}[filing.district]
        unit = self.unit_serials.setdefault(filing.unit, len(self.unit_serials) + 1)
        before = sum(SYSTEMS[system] == filing.unit for system in self.system_serials)
        system = self.system_serials.setdefault(filing.system, before + 1)
        self.editions[filing.system] += 1
        edition = self.editions[filing.system]
        filing.number = f"{code}{unit:05d}-{system:05d}" + (f"/{edition}" if edition > 1 else "")
