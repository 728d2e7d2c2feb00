"""What may follow what, restated from workflow.md for each subject, state by state and step by step."""

from dataclasses import dataclass
from typing import Any

import pytest

from domain.assessments.entities import AssessmentState
from domain.assessments.life import LIFE as ASSESSMENT
from domain.errors import ErrorCode, Refusal
from domain.grading.entities import GradingState
from domain.grading.life import LIFE as GRADING
from domain.inspections.entities import CampaignState, InspectionState, OrderState
from domain.inspections.life import CAMPAIGN, INSPECTION, ORDER
from domain.panels.entities import PanelCaseState
from domain.panels.life import LIFE as CASE
from domain.providers.entities import RecommendationState
from domain.providers.life import LIFE as PROVIDER
from domain.rectification.entities import PlanState
from domain.rectification.life import LIFE as PLAN
from domain.risk.entities import RiskAssessmentState
from domain.risk.life import LIFE as RISK
from domain.selfinspections.entities import SelfInspectionState
from domain.selfinspections.life import LIFE as SELF_INSPECTION
from domain.transitions import Life

# Step: from, to (None: it stays).
OF_A_GRADING = {
    "saveGrading": ("DRAFT", None),
    "requestGradingAdvice": ("DRAFT", "IN_EXPERT_REVIEW"),
    "concludePanelCase": ("IN_EXPERT_REVIEW", "DRAFT"),
    "discardGrading": ("DRAFT", "DISCARDED"),
    "submitGrading": ("DRAFT", "AWAITING_APPROVAL"),
    "confirmGrading": ("AWAITING_APPROVAL", "CONFIRMED"),
    "returnGrading": ("AWAITING_APPROVAL", "DRAFT"),
    "supersede": ("CONFIRMED", "SUPERSEDED"),
}
OF_A_CASE = {
    "addPanelCase": ("OPEN IN_REVIEW OPINIONS_IN", None),
    "assignExperts": ("OPEN IN_REVIEW OPINIONS_IN", "IN_REVIEW"),
    "assignExperts.chair": ("IN_REVIEW OPINIONS_IN", None),
    "submitOpinion": ("IN_REVIEW", None),
    "submitOpinion.last": ("IN_REVIEW", "OPINIONS_IN"),
    "declareConflict": ("IN_REVIEW OPINIONS_IN", None),
    "declareConflict.last": ("IN_REVIEW", "OPINIONS_IN"),
    "declareConflict.reopens": ("OPINIONS_IN", "IN_REVIEW"),
    "dismissExpert": ("IN_REVIEW OPINIONS_IN", None),
    "dismissExpert.last": ("IN_REVIEW", "OPINIONS_IN"),
    "closeOpinions": ("IN_REVIEW", "OPINIONS_IN"),
    "concludePanelCase": ("OPINIONS_IN", "CONCLUDED"),
}
OF_AN_ASSESSMENT = {
    "organiseAssessment": ("PLANNED", "COMMISSIONED"),
    "recordFunding": ("PLANNED COMMISSIONED IN_PROGRESS REPORT_UPLOADED CONFIRMED RETURNED", None),
    "acceptAssessment": ("COMMISSIONED", "IN_PROGRESS"),
    "declineAssessment": ("COMMISSIONED", "DECLINED"),
    "recordMilestone": ("IN_PROGRESS RETURNED", None),
    "uploadAssessmentReport": ("IN_PROGRESS REPORT_UPLOADED RETURNED", "REPORT_UPLOADED"),
    "confirmAssessmentReport": ("REPORT_UPLOADED", "CONFIRMED"),
    "receiveAssessmentReport": ("CONFIRMED", "RECEIVED"),
    "returnAssessmentReport": ("CONFIRMED", "RETURNED"),
    "cancelAssessment": ("PLANNED COMMISSIONED IN_PROGRESS", "CANCELLED"),
}
OF_A_PLAN = {
    "saveRectificationPlan": ("DRAFT RETURNED", None),
    "discardRectificationPlan": ("DRAFT", "DISCARDED"),
    "submitRectificationPlan": ("DRAFT RETURNED", "IN_PROGRESS"),
    "submitRectificationPlan.important": ("DRAFT RETURNED", "SUBMITTED"),
    "assignExperts": ("SUBMITTED", "IN_PANEL_REVIEW"),
    "concludePanelCase": ("IN_PANEL_REVIEW", None),
    "reviewRectificationPlan.approve": ("IN_PANEL_REVIEW", "APPROVED"),
    "reviewRectificationPlan.return": ("IN_PANEL_REVIEW", "RETURNED"),
    "updateMeasure": ("APPROVED IN_PROGRESS", "IN_PROGRESS"),
    "completeRectification": ("IN_PROGRESS", "COMPLETED"),
}
OF_A_RISK_ASSESSMENT = {
    "recordRiskAssessment": ("RECORDED", None),
    "discardRiskAssessment": ("RECORDED", "DISCARDED"),
    "submitRectificationPlan": ("RECORDED", "SUBMITTED"),
}
OF_A_RECOMMENDATION = {
    "updateProvider": ("RECOMMENDED WITHDRAWN", None),
    "recommendProvider": ("RECOMMENDED WITHDRAWN", "RECOMMENDED"),
    "withdrawRecommendation": ("RECOMMENDED", "WITHDRAWN"),
}
OF_AN_INSPECTION = {
    "scheduleInspections": ("PROPOSED", "SCHEDULED"),
    "rescheduleInspection": ("PROPOSED SCHEDULED", None),
    "cancelInspection": ("PROPOSED SCHEDULED", "CANCELLED"),
    "notifyInspections": ("SCHEDULED", None),
    "startInspection": ("SCHEDULED", "IN_PROGRESS"),
    "recordFinding": ("IN_PROGRESS", None),
    "recordConforming": ("IN_PROGRESS", None),
    "draftOrder": ("IN_PROGRESS", None),
    "issueOrder": ("IN_PROGRESS", "ORDER_ISSUED"),
    "respondToOrder": ("ORDER_ISSUED", "RESPONDED"),
    "returnResponse": ("RESPONDED", "ORDER_ISSUED"),
    "closeInspection.conforming": ("IN_PROGRESS", "CLOSED"),
    "closeInspection": ("RESPONDED", "CLOSED"),
}
OF_AN_ORDER = {"issueOrder": ("DRAFT", "ISSUED"), "returnOrder": ("DRAFT", "RETURNED")}
OF_A_CAMPAIGN = {
    **dict.fromkeys(
        ("addCampaignPartner", "removeCampaignPartner", "proposeBatches", "scheduleInspections"), ("OPEN", None)
    ),
    "publishCampaignReport": ("OPEN", "PUBLISHED"),
}
OF_A_SELF_INSPECTION = {"saveSelfInspection": ("DRAFT", None), "submitSelfInspection": ("DRAFT", "SUBMITTED")}
LIVES: list[tuple[Life[Any], dict[str, tuple[str, str | None]], Any]] = [
    (GRADING, OF_A_GRADING, GradingState),
    (CASE, OF_A_CASE, PanelCaseState),
    (INSPECTION, OF_AN_INSPECTION, InspectionState),
    (ORDER, OF_AN_ORDER, OrderState),
    (CAMPAIGN, OF_A_CAMPAIGN, CampaignState),
    (SELF_INSPECTION, OF_A_SELF_INSPECTION, SelfInspectionState),
    (ASSESSMENT, OF_AN_ASSESSMENT, AssessmentState),
    (PLAN, OF_A_PLAN, PlanState),
    (RISK, OF_A_RISK_ASSESSMENT, RiskAssessmentState),
    (PROVIDER, OF_A_RECOMMENDATION, RecommendationState),
]


@dataclass
class Subject:
    state: Any


@pytest.mark.parametrize(("life", "table", "states"), LIVES)
def test_each_step_is_taken_from_its_states_and_from_no_other(
    life: Life[Any], table: dict[str, Any], states: Any
) -> None:
    assert life.steps.keys() == table.keys()
    for name, (sources, to) in table.items():
        for state in states:
            if state.value in sources.split():
                assert life.check(Subject(state), name).to == (None if to is None else states[to])
            else:
                with pytest.raises(Refusal) as refused:
                    life.check(Subject(state), name)
                (problem,) = refused.value.problems
                assert problem.code is ErrorCode.INVALID_STATE
                assert problem.field == life.field
                assert state.zh in problem.message.zh
                assert state.value in problem.message.en
