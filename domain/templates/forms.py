"""The kinds of papers that have templates, what each may name, and the platform's own words for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.papers.content import Layout
from domain.templates.content import Part, PartStyle, Placeholder, Template
from domain.text import Term, Text


class LetterKind(Term):
    """A kind of paper that the platform makes (公文种类)."""

    REPLY_A = "REPLY_A", "备案情况复函 A(接受备案)", "reply A: the filing is accepted"
    REPLY_B = "REPLY_B", "备案情况复函 B(资料不全)", "reply B: something is missing"
    REPLY_C = "REPLY_C", "备案情况复函 C(定级明显不准)", "reply C: the level is plainly wrong"
    GRADING_REPORT = "GRADING_REPORT", "信息系统安全定级报告", "grading report"
    OPINION_ON_GRADING = "OPINION_ON_GRADING", "定级咨询评审意见书", "opinion document on a grading"
    OPINION_ON_FILING = "OPINION_ON_FILING", "备案再评审意见书", "opinion document of a re-review"
    OPINION_ON_PLAN = "OPINION_ON_PLAN", "整改建设方案评审意见书", "opinion document on a rectification plan"
    ASSESSMENT_RECEIPT = "ASSESSMENT_RECEIPT", "等级测评报告接收回执", "receipt of an assessment report"
    RECTIFICATION_ORDER = "RECTIFICATION_ORDER", "限期整改通知书", "order to rectify within a time"
    CAMPAIGN_REPORT = "CAMPAIGN_REPORT", "执法检查情况报告", "report of a joint enforcement inspection"
    PROGRAMME_REPORT = "PROGRAMME_REPORT", "检查评估报告", "report of the rolling inspection programme"
    INSPECTION_NOTICE = "INSPECTION_NOTICE", "监督检查通知书", "notice of an inspection"


@dataclass(frozen=True, slots=True)
class Form:
    """What is laid down of a kind: its layout, what its template may name, and the template that holds at first."""

    layout: Layout
    placeholders: Mapping[str, Placeholder]
    template: Template


def _head(text: str) -> Part:
    return Part(text, PartStyle.HEADING)


OFFICE = Placeholder(Text("发文机关名称", "the issuing office"), "某市信息化工作办公室")
UNIT = Placeholder(Text("单位名称", "the unit"), "某市财政局")
SYSTEM = Placeholder(Text("信息系统名称", "the system"), "预算管理系统")
CITY = Placeholder(Text("城市名称(不含“市”字)", "the city's name without 市"), "某")
COMMON = {"city": CITY, "office": OFFICE}
OF_SYSTEM = {**COMMON, "unit": UNIT, "system": SYSTEM}
LEVEL = Placeholder(Text("安全保护等级", "the level"), "第三级", required=True)
REMARK = Placeholder(Text("经办人另加的意见,可空", "what the drafter adds, if anything"), "请加强管理。", drops=True)
PARTICULARS = Placeholder(Text("基本情况表", "a table of particulars"), "(基本情况表)", block=True)

OPENING = Part(
    "{unit}报送的“{system}”信息系统安全等级保护备案材料及电子数据收悉。根据《信息安全等级保护管理办法》"
    "(公通字〔2007〕43号)和本市电子政务等级保护工作要求,经审核,现函复如下:"
)
CLOSING = Part("特此函复。")


def _reply(prefix: str, placeholders: Mapping[str, Placeholder], *parts: str) -> Form:
    return Form(
        Layout.LETTER,
        {**OF_SYSTEM, **placeholders},
        Template(
            title="关于“{system}”信息系统安全保护等级备案情况的复函",
            head="{office}",
            number_prefix=f"{{city}}信息办{prefix}",
            parts=(OPENING, *(Part(text) for text in parts), CLOSING),
        ),
    )


REPLY_A = _reply(
    "备复",
    {
        "filingNumber": Placeholder(Text("备案编号", "the filing's number"), "11010800001-00001", required=True),
        "level": LEVEL,
        "securityMark": Placeholder(Text("等级标识", "the security mark"), "S3A2G3"),
        "remark": REMARK,
        "assessment": Placeholder(
            Text("该等级的测评要求", "what the level owes in assessments"),
            "请按照《信息安全等级保护管理办法》的要求,每年至少进行一次等级测评。",
        ),
    },
    "{n}、接受“{system}”的备案,备案编号为{filingNumber},安全保护等级为{level}({securityMark})。",
    "{n}、{remark}",
    "{n}、请按照所定安全保护等级落实安全保护措施,开展风险评估和整改建设。{assessment}"
    "备案事项发生变更的,应当及时办理变更备案;系统停用的,应当办理注销。",
)
REPLY_B = _reply(
    "备补",
    {
        "items": Placeholder(
            Text("所缺材料,每项一段", "what is missing, a paragraph each"),
            "1.系统拓扑结构及说明\n2.系统等级测评报告",
            required=True,
        ),
        "remark": REMARK,
    },
    "备案材料不全,暂不能接受备案。请补充下列材料:",
    "{items}",
    "{remark}",
    "请补齐后重新提交。审核期限自重新提交之日起重新计算,为10个工作日。",
)
REPLY_C = _reply(
    "备审",
    {
        "level": LEVEL,
        "reasons": Placeholder(Text("定级不准的理由", "why the level is wrong"), "受侵害的客体偏低。", required=True),
    },
    "经初步审核,“{system}”所定安全保护等级({level})明显不准。理由如下:",
    "{reasons}",
    "现提请市电子政务等级保护专家组对该系统的安全保护等级进行再评审,评审意见形成后另行函告。"
    "请做好配合评审和调整等级的准备。",
)
GRADING_REPORT = Form(
    Layout.REPORT,
    {
        **OF_SYSTEM,
        "office": Placeholder(Text("定级单位名称", "the unit that grades"), "某市财政局"),
        "particulars": PARTICULARS,
        "description": Placeholder(Text("系统描述", "what the system is"), "(系统描述)", required=True, block=True),
        "determination": Placeholder(
            Text("等级的确定:客体、程度、等级", "objects, degrees and levels"),
            "(等级的确定)",
            required=True,
            block=True,
        ),
        "opinion": Placeholder(Text("专家评审意见,可空", "the experts' opinion, if any"), "同意所定等级。", drops=True),
        "reasonAgainst": Placeholder(
            Text("未采纳专家意见的理由,可空", "why the opinion was not followed"), "(理由)", drops=True
        ),
        "approval": Placeholder(
            Text("主管部门审批意见,可空", "the supervising unit's approval"), "某市政府办公室审批同意。", drops=True
        ),
    },
    Template(
        title="信息系统安全等级保护定级报告",
        parts=(
            Part("{particulars}"),
            _head("{n}、“{system}”信息系统描述"),
            Part("{description}"),
            _head("{n}、“{system}”信息系统安全保护等级确定"),
            Part("{determination}"),
            _head("{n}、专家评审意见"),
            Part("{opinion}"),
            Part("未采纳专家意见的理由:{reasonAgainst}"),
            _head("{n}、主管部门审批意见"),
            Part("{approval}"),
        ),
    ),
)


def _opinion(code: str, matter: str, what: str) -> Form:
    return Form(
        Layout.REPORT,
        {
            **OF_SYSTEM,
            "office": Placeholder(Text("专家组名称", "the expert group"), "某市电子政务等级保护专家组"),
            "particulars": PARTICULARS,
            "purpose": Placeholder(Text("评审目的", "why the panel met"), "定级咨询评审"),
            "opinions": Placeholder(Text("有效意见份数", "how many opinions"), "3"),
            "quorum": Placeholder(Text("法定人数", "the quorum"), "3"),
            "majority": Placeholder(Text("表决规则", "the majority"), "简单多数"),
            "conclusion": Placeholder(
                Text("评审结论", "the conclusion"),
                "“预算管理系统”的安全保护等级应为第三级,同意所定等级。",
                required=True,
            ),
            "wording": Placeholder(Text("结论的文字", "the conclusion's wording"), "专家组经评审,同意。"),
        },
        Template(
            title=f"“{{system}}”信息系统{matter}专家评审意见",
            number_prefix=f"{{city}}等保专评{code}",
            parts=(
                Part("{particulars}"),
                _head("{n}、评审情况"),
                Part(
                    f"{{office}}对{{unit}}“{{system}}”的{what}进行了{{purpose}}。共有{{opinions}}名专家提出意见,"
                    "达到规定的{quorum}名。结论按{majority}形成。"
                ),
                _head("{n}、评审结论"),
                Part("{conclusion}"),
                Part("{wording}"),
                Part("专家组组长(签字):"),
            ),
        ),
    )


RECEIPT = Form(
    Layout.LETTER,
    {
        **OF_SYSTEM,
        "particulars": Placeholder(
            Text("报告基本情况表", "a table of the report's particulars"), "(报告基本情况表)", required=True, block=True
        ),
        "following": Placeholder(
            Text("下次测评的期限", "when the next assessment is due"), "该系统下次等级测评应于2027年11月24日前完成。"
        ),
    },
    Template(
        title="信息系统安全等级测评报告接收回执",
        head="{office}",
        parts=(
            Part("{unit}确认报送的“{system}”信息系统安全等级测评报告收悉,内容如下:"),
            Part("{particulars}"),
            Part("请针对报告中的问题制定整改方案并落实整改。{following}"),
        ),
    ),
)
ORDER = Form(
    Layout.LETTER,
    {
        **OF_SYSTEM,
        "inspectedOn": Placeholder(Text("检查日期", "the day of the inspection"), "2026年11月2日"),
        "findings": Placeholder(Text("问题项数", "how many findings"), "3"),
        "demands": Placeholder(Text("整改要求,可空", "what is demanded, if worded"), "请立即整改。", drops=True),
        "dueOn": Placeholder(Text("整改期限", "the deadline"), "2026年11月24日", required=True),
        "workingDays": Placeholder(Text("期限的工作日数", "its working days"), "15"),
    },
    Template(
        title="关于“{system}”信息系统安全等级保护限期整改的通知",
        head="{office}",
        number_prefix="{city}信息办责改",
        parts=(
            Part(
                "{inspectedOn},我办对你单位“{system}”的信息安全等级保护工作进行了检查,发现 {findings} 项问题(见附件)。"
                "根据《信息安全等级保护管理办法》,现责令你单位限期整改。"
            ),
            Part("{demands}"),
            Part(
                "请于{dueOn}前({workingDays}个工作日内)完成整改,并将整改情况及证明材料通过平台报送我办。"
                "逾期未整改的,将予以警告,并向你单位上级主管部门通报。"
            ),
        ),
    ),
)

NOTICE = Form(
    Layout.LETTER,
    {
        **OF_SYSTEM,
        "level": Placeholder(Text("安全保护等级,未定级为空", "the level, if graded"), "(第三级)"),
        "campaign": Placeholder(Text("检查工作名称", "the campaign's title"), "2026年度联合执法检查"),
        "plannedOn": Placeholder(Text("检查日期", "the day of the inspection"), "2026年11月2日", required=True),
    },
    Template(
        title="关于对“{system}”信息系统开展信息安全等级保护监督检查的通知",
        head="{office}",
        number_prefix="{city}信息办检通",
        parts=(
            Part(
                "根据《信息安全等级保护管理办法》,按照“{campaign}”的安排,我办定于{plannedOn}对你单位“{system}”信息系统{level}的"
                "信息安全等级保护工作进行监督检查,检查内容见附件。"
            ),
            Part(
                "检查采取询问情况、查阅核对材料、调看记录资料、现场查验等方式进行,检查人员不少于两名,检查时出示证件。"
                "请你单位备好有关材料,安排负责人和相关人员配合检查。"
            ),
        ),
    ),
)


def _report(prefix: str, *coverage: Part) -> Form:
    return Form(
        Layout.REPORT,
        {
            **COMMON,
            "title": Placeholder(Text("检查工作名称", "the campaign's title"), "2026年度联合执法检查", required=True),
            "startsOn": Placeholder(Text("开始日期", "its first day"), "2026年3月1日"),
            "endsOn": Placeholder(Text("结束日期", "its last day"), "2026年10月31日"),
            "together": Placeholder(Text("会同部门,可空", "with which departments"), "会同某市公安局,"),
            "units": Placeholder(Text("单位数", "how many units"), "12"),
            "systems": Placeholder(Text("系统数", "how many systems"), "30"),
            "purpose": Placeholder(Text("检查种类", "the kind of inspection"), "联合执法检查"),
            "overview": Placeholder(
                Text("检查情况的图表", "tables and charts"), "(检查情况)", required=True, block=True
            ),
            "findings": Placeholder(Text("发现的问题", "what was found"), "(发现的问题)", required=True, block=True),
            "rectification": Placeholder(
                Text("责令整改情况", "orders and answers"), "签发限期整改通知书 3 份。", required=True
            ),
            **({"coverage": Placeholder(Text("覆盖情况", "coverage"), "(覆盖情况)", block=True)} if coverage else {}),
            "summary": Placeholder(Text("工作小结,可空", "a summary, if any"), "总体良好。", drops=True),
        },
        Template(
            title="{title}",
            number_prefix=f"{{city}}信息办{prefix}",
            parts=(
                _head("{n}、检查工作开展情况"),
                Part("{startsOn}至{endsOn},我办{together}对 {units} 家单位的 {systems} 个信息系统开展了{purpose}。"),
                Part("{overview}"),
                _head("{n}、检查发现的问题"),
                Part("{findings}"),
                _head("{n}、责令整改情况"),
                Part("{rectification}"),
                *coverage,
                _head("{n}、工作小结"),
                Part("{summary}"),
            ),
        ),
    )


FORMS: Mapping[LetterKind, Form] = {
    LetterKind.REPLY_A: REPLY_A,
    LetterKind.REPLY_B: REPLY_B,
    LetterKind.REPLY_C: REPLY_C,
    LetterKind.GRADING_REPORT: GRADING_REPORT,
    LetterKind.OPINION_ON_GRADING: _opinion("定", "定级", "安全保护等级"),
    LetterKind.OPINION_ON_FILING: _opinion("复", "定级", "安全保护等级"),
    LetterKind.OPINION_ON_PLAN: _opinion("改", "整改建设方案", "等级保护整改建设方案"),
    LetterKind.ASSESSMENT_RECEIPT: RECEIPT,
    LetterKind.RECTIFICATION_ORDER: ORDER,
    LetterKind.INSPECTION_NOTICE: NOTICE,
    LetterKind.CAMPAIGN_REPORT: _report("检执"),
    LetterKind.PROGRAMME_REPORT: _report("检评", _head("{n}、重要信息系统检查覆盖情况"), Part("{coverage}")),
}
