"""The paged lists of the expert panel."""

from __future__ import annotations

from api.reads.listings import (
    before_moment,
    by_id,
    by_term,
    by_terms,
    by_text,
    from_date,
    from_moment,
    listing,
    until_date,
)
from api.schema.common import vocabulary
from api.schema.lists.wording import STATE, STATES, SYSTEM, UNIT
from domain.panels.entities import (
    ExpertAppointment,
    PanelCase,
    PanelCaseState,
    PanelPurpose,
    PanelSession,
    PanelSessionState,
)

for _term in (PanelCaseState, PanelPurpose, PanelSessionState):
    vocabulary(_term)

PANEL_SESSIONS = listing(
    "PanelSession",
    PanelSession,
    [
        by_term("state", "state", PanelSessionState, STATE),
        by_terms("states", "state", PanelSessionState, STATES),
        by_term("purpose", "purpose", PanelPurpose, "某一目的的 / for one purpose"),
        from_date("heldFrom", "held_on", "会议不早于 / held on this day or later"),
        until_date("heldUntil", "held_on", "会议不晚于 / held on this day or earlier"),
        by_text(("place", "note"), "地点或备注含有 / whose place or note contains"),
    ],
    {"HELD_ON": "held_on", "CREATED_AT": "created_at"},
    "-HELD_ON",
)
PANEL_CASES = listing(
    "PanelCase",
    PanelCase,
    [
        by_term("state", "state", PanelCaseState, STATE),
        by_terms("states", "state", PanelCaseState, STATES),
        by_term("purpose", "purpose", PanelPurpose, "某一目的的 / for one purpose"),
        by_id("sessionId", "session_id", "pss", "某评审会的 / of one session"),
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("filingId", "filing_id", "fil", "某备案的 / of one filing"),
        by_id("gradingId", "grading_id", "grd", "某定级的 / of one grading"),
        by_id("rectificationPlanId", "rectification_plan_id", "rpl", "某整改方案的 / of one rectification plan"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
EXPERT_APPOINTMENTS = listing(
    "ExpertAppointment",
    ExpertAppointment,
    [
        by_id("userId", "user_id", "usr", "某人的 / of one person"),
        from_date("endsFrom", "valid_until", "聘期止不早于此日 / whose term ends on this day or later"),
        until_date("endsUntil", "valid_until", "聘期止不晚于此日 / whose term ends on this day or earlier"),
        by_text(("employer_name",), "工作单位含有 / whose employer's name contains"),
    ],
    {"CREATED_AT": "created_at", "VALID_UNTIL": "valid_until"},
    "-CREATED_AT",
)
