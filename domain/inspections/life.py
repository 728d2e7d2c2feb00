"""The lives of a campaign, an inspection and an order: a table each of what may follow what (workflow.md stage 5)."""

from __future__ import annotations

from domain.inspections.entities import CampaignState, InspectionState, OrderState
from domain.transitions import Life, step

S, C, D = InspectionState, CampaignState, OrderState

_BEFORE = {
    "zh": "检查开始后不能再改期或取消。",
    "en": "Once it has begun, an inspection is neither moved nor cancelled.",
}
_ON_SITE = {
    "zh": "只有检查中的检查可以办理。请先开始检查。",
    "en": "This is done during an inspection. Start it first.",
}
_OPEN = {"zh": "报告发布后不能再安排或变更。", "en": "Its report is published; nothing is added any more."}

CAMPAIGN = Life(
    "campaignId",
    {
        "addCampaignPartner": step(C.OPEN, to=None, **_OPEN),
        "removeCampaignPartner": step(C.OPEN, to=None, **_OPEN),
        "proposeBatches": step(C.OPEN, to=None, **_OPEN),
        "scheduleInspections": step(C.OPEN, to=None, **_OPEN),
        "publishCampaignReport": step(C.OPEN, to=C.PUBLISHED, **_OPEN),
    },
)
INSPECTION = Life(
    "inspectionId",
    {
        "scheduleInspections": step(
            S.PROPOSED, to=S.SCHEDULED, zh="只有建议中的检查可以安排。", en="Only what is proposed is scheduled."
        ),
        "rescheduleInspection": step(S.PROPOSED, S.SCHEDULED, to=None, **_BEFORE),
        "cancelInspection": step(S.PROPOSED, S.SCHEDULED, to=S.CANCELLED, **_BEFORE),
        "notifyInspections": step(
            S.SCHEDULED, to=None, zh="只有已安排的检查可以通知单位。", en="A unit is notified of what is scheduled."
        ),
        "startInspection": step(
            S.SCHEDULED, to=S.IN_PROGRESS, zh="只有已安排的检查可以开始。", en="Only what is scheduled can begin."
        ),
        "recordFinding": step(S.IN_PROGRESS, to=None, **_ON_SITE),
        "recordConforming": step(S.IN_PROGRESS, to=None, **_ON_SITE),
        "draftOrder": step(S.IN_PROGRESS, to=None, **_ON_SITE),
        "issueOrder": step(S.IN_PROGRESS, to=S.ORDER_ISSUED, **_ON_SITE),
        "respondToOrder": step(
            S.ORDER_ISSUED,
            to=S.RESPONDED,
            zh="只有已责令整改、尚未反馈的检查可以反馈。",
            en="An order is answered once it is issued, and once until that answer is returned.",
        ),
        "returnResponse": step(
            S.RESPONDED, to=S.ORDER_ISSUED, zh="只有已反馈的检查可以退回反馈。", en="Only a response can be returned."
        ),
        "closeInspection.conforming": step(
            S.IN_PROGRESS,
            to=S.CLOSED,
            zh="已责令整改的,须待单位反馈后方可结案。",
            en="Where an order is issued, the unit's response comes first.",
        ),
        "closeInspection": step(
            S.RESPONDED,
            to=S.CLOSED,
            zh="检查完毕且各项符合,或单位已反馈整改情况后,方可结案。",
            en="It is closed when all items conform, or once the unit has responded to the order.",
        ),
    },
)
ORDER = Life(
    "rectificationOrderId",
    {
        "issueOrder": step(D.DRAFT, to=D.ISSUED, zh="只有待签发的通知书可以签发。", en="Only a draft can be issued."),
        "returnOrder": step(
            D.DRAFT, to=D.RETURNED, zh="只有待签发的通知书可以退回。", en="Only a draft can be returned."
        ),
    },
)
