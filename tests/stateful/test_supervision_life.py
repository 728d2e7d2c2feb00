"""Random people of all roles take random steps through stages 3 to 5; a small model says what has to come.

After each step the database is what the model is: no illegal state, exactly the people and states of the tables, no
number of an order, a report or a letter given twice, every accepted step audited, and a refused one without a trace.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from domain.assessments.entities import AssessmentState
from domain.inspections.entities import CampaignState, InspectionState, OrderState
from domain.rectification.entities import PlanState
from domain.risk.entities import RiskAssessmentState
from domain.selfinspections.entities import SelfInspectionState
from domain.text import Term
from tests.stateful.assessing import ALONE as ASSESSING
from tests.stateful.assessing import READ as ASSESSMENTS
from tests.stateful.assessing import Assessing
from tests.stateful.city import Person, Server
from tests.stateful.frame import unreached, walk
from tests.stateful.inspecting import ALONE as INSPECTING
from tests.stateful.inspecting import READ as INSPECTIONS
from tests.stateful.inspecting import Inspecting
from tests.stateful.rectifying import ALONE as RECTIFYING
from tests.stateful.rectifying import READ as RECTIFICATION
from tests.stateful.rectifying import Rectifying
from tests.stateful.stages import ANYBODY, IMPORTANT, LEVELS

STATES: tuple[type[Term], ...] = (
    RiskAssessmentState,
    PlanState,
    AssessmentState,
    CampaignState,
    InspectionState,
    OrderState,
    SelfInspectionState,
)

# Each number is a system's (by its last digit, 5 aside), and chooses what is given; together they lead everywhere.
USUAL = (
    (1, "assess_risk discard_risk assess_risk plan_whole discard_plan plan_whole submit_plan panel panel"),
    (16, "review plan_whole submit_plan panel panel"),
    (1, "review measure work_off complete"),
    (0, "commission accept milestone upload confirm receive"),
    (18, "plan_year name_body decline commission call_off"),
    (3, "commission accept fund milestone upload confirm send_back upload confirm receive"),
    (1, "schedule notify move start find look draft send_order_back draft issue respond send_response_back"),
    (1, "respond close"),
    (2, "schedule call_off_inspection"),
    (18, "propose"),
    (1, "publish begin_self answer_all_self hand_in_self"),
)


class Life(Rectifying, Assessing, Inspecting):
    """The city and its model, side by side."""

    # Reports are worded by templates, the first of which is of 2007.
    @initialize(start=st.dates(dt.date(2008, 1, 1), dt.date(2026, 10, 1)))
    def founded(self, start: dt.date) -> None:
        self.found(start)
        self.city.file(LEVELS, IMPORTANT, self.now)
        self.register_bodies()

    @rule(person=ANYBODY, number=st.integers(0, 60), step=st.sampled_from([*RECTIFYING, *ASSESSING, *INSPECTING]))
    def out_of_turn(self, person: Person | None, number: int, step: str) -> None:
        """A step that is hardly ever possible now."""
        getattr(self, f"_{step}")(person, number)

    @invariant()
    def the_database_is_what_the_model_is(self) -> None:
        if hasattr(self, "city"):
            there = self.city.read(*RECTIFICATION, *ASSESSMENTS, *INSPECTIONS)
            self.check_rectification(there)
            self.check_assessments(there)
            self.check_inspections(there)


def test_usual_ways_lead_everywhere(server: Server) -> None:
    """One after the other, each step by whoever it is for; the walks then go by chance."""
    Life.server, Life.reached = server, Counter()
    life = Life()
    life.founded(start=dt.date(2026, 1, 5))
    for number, steps in USUAL:
        for step in steps.split():
            getattr(life, f"_{step}")(None, number)
            life.the_database_is_what_the_model_is()
    assert not unreached(Life, [state for vocabulary in STATES for state in vocabulary])


def test_supervision_goes_its_way(server: Server) -> None:
    """By chance: whoever comes, whatever the state."""
    Life.reached = Counter()
    walk(Life, server, walks=3)
