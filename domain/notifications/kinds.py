"""What people are told of (通知事项): one sentence each, which names nobody and nothing.

What it is about is read with the notification's subject, by whoever may see that at the time.
"""

from __future__ import annotations

from domain.text import Term


class NotificationKind(Term):
    """What a notification says (通知事项)."""

    GRADING_AWAITS_APPROVAL = "GRADING_AWAITS_APPROVAL", "有一份定级等待审批", "A grading waits for approval"
    GRADING_CONFIRMED = "GRADING_CONFIRMED", "定级已确认", "A grading was confirmed"
    GRADING_RETURNED = "GRADING_RETURNED", "定级被退回修改", "A grading was returned"
    GRADING_ADVICE_GIVEN = "GRADING_ADVICE_GIVEN", "专家已就定级形成意见", "The experts have advised on a grading"
    FILING_SUBMITTED = "FILING_SUBMITTED", "有一份备案等待接收", "A filing waits to be received"
    FILING_WITHDRAWN = "FILING_WITHDRAWN", "一份备案已由单位撤回", "A filing was taken back by its unit"
    FILING_RECEIVED = "FILING_RECEIVED", "备案已被接收", "A filing was received"
    FILING_RESUBMITTED = "FILING_RESUBMITTED", "有一份备案重新提交,等待审核", "A filing was submitted again for review"
    FILING_CANCELLED = "FILING_CANCELLED", "一份备案已注销", "A filing was cancelled"
    FILING_ACCEPTED = "FILING_ACCEPTED", "备案已通过,复函已签发", "A filing was accepted; its letter is issued"
    FILING_INCOMPLETE = "FILING_INCOMPLETE", "备案资料不全,请补正", "A filing is incomplete; complete it"
    FILING_IN_RE_REVIEW = "FILING_IN_RE_REVIEW", "备案定级将由专家再评审", "The experts review a filing's level again"
    LEVEL_TO_ADJUST = "LEVEL_TO_ADJUST", "请按专家意见调整定级", "Adjust the level as the experts advise"
    RE_REVIEW_CONCLUDED = "RE_REVIEW_CONCLUDED", "备案再评审已形成意见", "A re-review has been concluded"
    REPLY_DRAFTED = "REPLY_DRAFTED", "有一份复函等待签发", "A reply waits to be issued"
    REPLY_RETURNED = "REPLY_RETURNED", "一份复函被退回修改", "A reply was returned to its drafter"
    RETURN_SUBMITTED = "RETURN_SUBMITTED", "有区县报送了月报", "A monthly return was handed in"
    CASE_OPENED = "CASE_OPENED", "有一项评审等待指派专家", "A case waits for its experts"
    OPINIONS_IN = "OPINIONS_IN", "专家意见已齐,等待形成结论", "The opinions on a case are in; conclude it"
    EXPERT_STEPPED_BACK = (
        "EXPERT_STEPPED_BACK",
        "有专家声明回避,可能须增派专家",
        "An expert has stepped back from a case; another may be needed",
    )
    CASE_ASSIGNED = "CASE_ASSIGNED", "有一项评审请您出具意见", "Your opinion on a case is asked for"
    INQUIRY_OPENED = "INQUIRY_OPENED", "有一项咨询等待答复", "An inquiry waits for an answer"
    INQUIRY_ANSWERED = "INQUIRY_ANSWERED", "咨询已有答复", "An inquiry was answered"
    REVIEW_DUE_SOON = "REVIEW_DUE_SOON", "一份备案的审核期限临近", "A filing's review is due soon"
    REVIEW_OVERDUE = "REVIEW_OVERDUE", "一份备案的审核已逾期", "A filing's review is overdue"
    RETURN_DUE = "RETURN_DUE", "本月月报尚未报送", "This month's return has not been handed in"
    IMPORT_ENDED = "IMPORT_ENDED", "批量导入已结束,请查看结果", "An import has ended; see what came of it"
    ASSESSMENT_COMMISSIONED = "ASSESSMENT_COMMISSIONED", "有一项等级测评委托等待答复", "An assessment waits to be taken"
    ASSESSMENT_ORGANISED = (
        "ASSESSMENT_ORGANISED",
        "市信息办已组织等级测评",
        "An assessment was organised by the city office",
    )
    ASSESSMENT_ACCEPTED = "ASSESSMENT_ACCEPTED", "测评机构已接受委托", "A body has taken an assessment"
    ASSESSMENT_DECLINED = (
        "ASSESSMENT_DECLINED",
        "测评机构已谢绝委托,请另选机构",
        "A body has declined; choose another one",
    )
    ASSESSMENT_CANCELLED = "ASSESSMENT_CANCELLED", "一项等级测评已取消", "An assessment was called off"
    ASSESSMENT_REPORT_UPLOADED = (
        "ASSESSMENT_REPORT_UPLOADED",
        "测评报告等待确认",
        "An assessment report waits for confirmation",
    )
    ASSESSMENT_REPORT_CONFIRMED = (
        "ASSESSMENT_REPORT_CONFIRMED",
        "有一份测评报告等待接收",
        "A report waits to be received",
    )
    ASSESSMENT_REPORT_RECEIVED = "ASSESSMENT_REPORT_RECEIVED", "测评报告已被接收", "An assessment report was received"
    ASSESSMENT_REPORT_RETURNED = "ASSESSMENT_REPORT_RETURNED", "测评报告被退回", "An assessment report was returned"
    ACCREDITATION_CHANGED = (
        "ACCREDITATION_CHANGED",
        "测评机构的资质有变更",
        "An assessment body's accreditation has changed",
    )
    ACCREDITATION_EXPIRING = "ACCREDITATION_EXPIRING", "测评机构的资质即将到期", "An accreditation is about to expire"
    ASSESSMENT_DUE = "ASSESSMENT_DUE", "信息系统的等级测评期限临近", "A system's assessment is due soon"
    ASSESSMENT_OVERDUE = "ASSESSMENT_OVERDUE", "等级测评已逾期", "An assessment is overdue"
    INSPECTION_NOTIFIED = "INSPECTION_NOTIFIED", "将对贵单位系统进行检查", "A system of yours will be inspected"
    INSPECTION_MOVED = "INSPECTION_MOVED", "一项检查改期或取消", "An inspection was moved to another day, or cancelled"
    ORDER_DRAFTED = "ORDER_DRAFTED", "有一份整改通知书等待签发", "A rectification order waits to be issued"
    ORDER_RETURNED = "ORDER_RETURNED", "一份整改通知书被退回修改", "A rectification order was returned to its drafter"
    ORDER_ISSUED = "ORDER_ISSUED", "收到限期整改通知书,请按期整改并反馈", "A rectification order was issued to you"
    ORDER_RESPONDED = "ORDER_RESPONDED", "单位已反馈整改情况", "A unit has responded to a rectification order"
    RESPONSE_RETURNED = "RESPONSE_RETURNED", "整改反馈被退回,请继续整改", "Your response to an order was returned"
    INSPECTION_CLOSED = "INSPECTION_CLOSED", "一项检查已结案", "An inspection was closed"
    ORDER_DUE_SOON = "ORDER_DUE_SOON", "整改期限临近", "A rectification order is due soon"
    ORDER_OVERDUE = "ORDER_OVERDUE", "逾期未反馈整改情况,特此警告", "A rectification order was not answered in time"
    CAMPAIGN_PUBLISHED = "CAMPAIGN_PUBLISHED", "检查报告已发布", "The report of an inspection campaign was published"
    SELF_INSPECTION_DUE_SOON = "SELF_INSPECTION_DUE_SOON", "系统自查期限临近", "A self-inspection is due soon"
    SELF_INSPECTION_OVERDUE = "SELF_INSPECTION_OVERDUE", "系统自查逾期未报送", "A self-inspection is overdue"
    SELF_INSPECTION_SUBMITTED = "SELF_INSPECTION_SUBMITTED", "有单位报送了系统自查", "A self-inspection was handed in"
    PLAN_SUBMITTED = "PLAN_SUBMITTED", "有重要信息系统报送了整改方案", "An important system's plan was submitted"
    PLAN_TO_REVIEW = (
        "PLAN_TO_REVIEW",
        "整改方案评审已形成意见,等待审核",
        "The panel has concluded on a plan; decide on it",
    )
    PLAN_APPROVED = "PLAN_APPROVED", "整改方案已同意,可组织实施", "A rectification plan was approved; carry it out"
    PLAN_RETURNED = "PLAN_RETURNED", "整改方案被退回修改", "A rectification plan was returned"
    RECTIFICATION_COMPLETED = "RECTIFICATION_COMPLETED", "一项整改已完成", "A rectification was completed"
    MEASURE_DUE_SOON = "MEASURE_DUE_SOON", "一项整改措施的期限临近", "A measure is due soon"
    MEASURE_OVERDUE = "MEASURE_OVERDUE", "一项整改措施已逾期", "A measure is overdue"
    PACKAGE_ARRIVED = "PACKAGE_ARRIVED", "经邮件收到备案材料,等待录入", "A package came by e-mail; enter it"
    PACKAGE_REFUSED = "PACKAGE_REFUSED", "经邮件收到的备案材料无法接收,请与单位联系", "A package by e-mail was refused"
