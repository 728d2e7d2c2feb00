"""What a document is in the workflow."""

from domain.text import Term


class DocumentKind(Term):
    """What a document is in the workflow (材料种类)."""

    FILING_ARCHIVE = "FILING_ARCHIVE", "备案电子数据", "the filing's electronic archive"
    GRADING_REPORT = "GRADING_REPORT", "信息系统安全定级报告", "grading report"
    TOPOLOGY = "TOPOLOGY", "系统拓扑结构及说明", "topology and description"
    ORGANISATION_AND_RULES = (
        "ORGANISATION_AND_RULES",
        "系统安全组织机构及管理制度",
        "security organisation and rules",
    )
    PROTECTION_PLAN = "PROTECTION_PLAN", "安全保护设施设计实施方案或改建实施方案", "design or rebuilding plan"
    PRODUCT_LIST = "PRODUCT_LIST", "安全产品清单及认证、销售许可证明", "security products and their licences"
    ASSESSMENT_REPORT = "ASSESSMENT_REPORT", "系统等级测评报告", "level assessment report"
    EXPERT_OPINION = "EXPERT_OPINION", "专家评审意见", "expert review opinion"
    SUPERIOR_APPROVAL = "SUPERIOR_APPROVAL", "上级主管部门审批意见", "supervising department's approval"
    RECTIFICATION_PLAN = "RECTIFICATION_PLAN", "等级保护整改建设方案", "rectification plan"
    RISK_ASSESSMENT_REPORT = "RISK_ASSESSMENT_REPORT", "风险评估报告", "risk assessment report"
    INSPECTION_EVIDENCE = "INSPECTION_EVIDENCE", "检查证据", "evidence for an inspection"
    REPLY_LETTER = "REPLY_LETTER", "备案情况复函", "reply letter"
    OPINION_DOCUMENT = "OPINION_DOCUMENT", "评审意见书", "the panel's opinion document"
    OTHER = "OTHER", "其他", "something else"
    ASSESSMENT_RECEIPT = "ASSESSMENT_RECEIPT", "等级测评报告接收回执", "receipt of an assessment report"
    RECTIFICATION_ORDER = "RECTIFICATION_ORDER", "限期整改通知书", "order to rectify within a time"
    INSPECTION_REPORT = "INSPECTION_REPORT", "检查报告", "report of an inspection campaign"
    INSPECTION_NOTICE = "INSPECTION_NOTICE", "监督检查通知书", "notice of an inspection"
