"""An assessment's life (workflow.md, level assessment): one table of what may follow what, which alone moves one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.assessments.entities import ENDED, Assessment, AssessmentMilestone, AssessmentState, AssessmentTransition
from domain.transitions import Life, Step, step
from domain.work import Work

S, M = AssessmentState, AssessmentMilestone

BEFORE_THE_REPORT = (S.PLANNED, S.COMMISSIONED, S.IN_PROGRESS)
_COMMISSIONED = {
    "zh": "只有已委托、尚待机构确认的测评可以接受或谢绝。",
    "en": "Only a commissioned one is taken or declined.",
}
_UPLOADED = {
    "zh": "只有已上传报告的测评可以由单位确认。",
    "en": "Only an assessment with an uploaded report is confirmed.",
}
_CONFIRMED = {"zh": "只有单位已确认的报告可以接收或退回。", "en": "Only a confirmed report is received or returned."}

# The state in which an assessment begins, by how it is begun.
BEGINNINGS: Mapping[str, AssessmentState] = {
    "commissionAssessment": S.COMMISSIONED,
    "organiseAssessment": S.COMMISSIONED,
    "adoptAssessmentPlan": S.COMMISSIONED,
    "adoptAssessmentPlan.unassigned": S.PLANNED,
}

STEPS: Mapping[str, Step[AssessmentState]] = {
    # A planned one is given to a body.
    "organiseAssessment": step(
        S.PLANNED, to=S.COMMISSIONED, zh="只有计划中的测评可以指定机构。", en="Only a planned one is given to a body."
    ),
    "recordFunding": step(
        *BEFORE_THE_REPORT,
        S.REPORT_UPLOADED,
        S.CONFIRMED,
        S.RETURNED,
        to=None,
        zh="测评已经结束,不能再登记经费。",
        en="The assessment has ended; its funding stays as it was recorded.",
    ),
    "acceptAssessment": step(S.COMMISSIONED, to=S.IN_PROGRESS, **_COMMISSIONED),
    "declineAssessment": step(S.COMMISSIONED, to=S.DECLINED, **_COMMISSIONED),
    "recordMilestone": step(
        S.IN_PROGRESS,
        S.RETURNED,
        to=None,
        zh="只有测评中的可以登记进度。",
        en="Progress is recorded while it is at work.",
    ),
    # Also to replace a report that the unit has not confirmed, and after one was returned.
    "uploadAssessmentReport": step(
        S.IN_PROGRESS,
        S.REPORT_UPLOADED,
        S.RETURNED,
        to=S.REPORT_UPLOADED,
        zh="只有测评中、单位尚未确认或已被退回的测评可以上传报告。",
        en="A report is uploaded while the body is at work, before the unit confirms it, or after it was returned.",
    ),
    "confirmAssessmentReport": step(S.REPORT_UPLOADED, to=S.CONFIRMED, **_UPLOADED),
    "receiveAssessmentReport": step(S.CONFIRMED, to=S.RECEIVED, **_CONFIRMED),
    "returnAssessmentReport": step(S.CONFIRMED, to=S.RETURNED, **_CONFIRMED),
    "cancelAssessment": step(
        *BEFORE_THE_REPORT,
        to=S.CANCELLED,
        zh="报告已上传的测评不能取消。",
        en="An assessment is called off before its report is uploaded, and not after.",
    ),
}

# How far the work has come, in percent, with each milestone; a report that is uploaded is all of it.
PROGRESS: Mapping[AssessmentMilestone, int] = {
    M.PREPARED: 10,
    M.PLAN_AGREED: 30,
    M.ON_SITE_STARTED: 40,
    M.ON_SITE_DONE: 70,
    M.REPORT_DRAFTED: 90,
}
DONE = 100


def record_transition(
    work: Work, assessment: Assessment, action: str, before: AssessmentState | None, reason: str | None = None
) -> None:
    """Add a line to the assessment's history, with the reason that it was closed or sent back for."""
    work.session.add(
        AssessmentTransition(
            tenant_id=assessment.tenant_id,
            created_at=work.now,
            assessment_id=assessment.id,
            action=action,
            from_state=before,
            to_state=assessment.state,
            reason=reason,
            by_id=work.caller.user_id,
        )
    )


LIFE = Life("assessmentId", STEPS)


def take(work: Work, assessment: Assessment, name: str, *, reason: str | None = None, **after: Any) -> None:
    """Take a step: state, version, history (with ``reason``), audit and outbox. Raises: Refusal(INVALID_STATE)."""
    before = assessment.state
    told = {**after, **({"reason": reason} if reason else {})}
    LIFE.take(work, assessment, name, **told)
    assessment.under_way = assessment.state not in ENDED
    record_transition(work, assessment, name, before, reason)
