"""Filings (备案) with what belongs to them: documents (材料), reply letters (复函), history, monthly returns (月报)."""

import datetime as dt

import strawberry
from sqlalchemy import Text, and_, case, cast, func, literal_column
from sqlalchemy.sql import bindparam

from api.reads.sources import (
    JsonExpression,
    column,
    connection,
    embedded,
    entity,
    expression,
    global_id,
    json,
    kept_as_shown,
    read,
    to_many,
    to_one,
    to_one_on,
)
from api.schema import lists
from api.schema.city import District, Organisation, User
from api.schema.common import TODAY, BigInt, Connection, Node, lazy, vocabulary
from api.schema.form import FilingForm
from api.schema.papers import as_pdf
from api.schema.systems import Grading, System
from domain.documents.entities import ArchiveEntry as ArchiveEntryRow
from domain.documents.entities import Document as DocumentRow
from domain.documents.entities import DocumentState, ScanState
from domain.documents.kinds import DocumentKind
from domain.filings.entities import Filing as FilingRow
from domain.filings.entities import FilingChannel, FilingState, FilingSubmission, FilingTransition
from domain.filings.entities import ReviewPeriod as ReviewPeriodRow
from domain.organisations.entities import AuthorityLevel
from domain.replies.entities import ReplyKind, ReplyState
from domain.replies.entities import ReplyLetter as ReplyLetterRow
from domain.returns.entities import MonthlyReturn as MonthlyReturnRow
from domain.returns.entities import MonthlyReturnState

for _term in (DocumentKind, DocumentState, ScanState):
    vocabulary(_term)

LANGUAGE = bindparam("scope_language", None, type_=Text())


IN_LANGUAGE = JsonExpression(
    lambda item: case(
        (LANGUAGE == "en", item.op("->>")(literal_column("'en'"))), else_=item.op("->>")(literal_column("'zh'"))
    )
)


@strawberry.type(description="尚缺的一项 / one thing that is still missing")
class MissingItem:
    """One thing that is still missing."""

    path: str = json("表中位置,或材料种类 / the place in the form, or a kind of document", "path")
    message: str = read(IN_LANGUAGE, "说明 / what is missing")
    required: bool = json("是否必须 / whether the filing cannot be submitted without it", "required")


@entity(DocumentRow, "doc")
@strawberry.type(description="文件 / a document")
class Document(Node):
    """A document."""

    id: strawberry.ID = global_id("doc")
    kind: DocumentKind = column("kind", "种类 / kind")
    filename: str = column("filename", "文件名 / file name")
    media_type: str = column("media_type", "媒体类型 / media type")
    size: BigInt = column("size", "大小(字节) / size in bytes")
    sha256: str = column("sha256", "SHA-256 摘要 / digest")
    state: DocumentState = column("state", "状态 / state")
    scan: ScanState = column("scan", "病毒扫描 / what the virus scanner said")
    rejection: str | None = expression(
        lambda t: case((LANGUAGE == "en", t.c.rejection_en), else_=t.c.rejection_zh),
        "拒收的原因与处理办法 / why it was refused, and the remedy",
        "rejection_zh",
        "rejection_en",
    )
    received_bytes: BigInt = column(
        "received_bytes", "已收到的字节数(最近一次查看时) / bytes that had come when it was last looked at"
    )
    checked_bytes: BigInt = column("checked_bytes", "已检查的字节数 / bytes that were looked into so far")
    entries: Connection[lazy("ArchiveEntry", "filings")] = connection(
        lists.ARCHIVE_ENTRIES,
        "压缩包内的文件,含内层 / files in the archive, and in archives within it",
        key="document_id",
    )
    template: str | None = column(
        "template",
        "公文所用模板的种类与版本,如 REPLY_A/3,0 为平台默认;非平台制作的文件为空 / "
        "of which template and version a paper is, 0 being the platform's own; null for other files",
    )
    owner: Organisation | None = to_one("owner_id", "所属机构 / whose it is")
    uploaded_by: User | None = to_one("uploaded_by_id", "上传人 / who uploaded it")
    filing: lazy("Filing", "filings") | None = to_one("filing_id", "所属备案 / the filing it belongs to")
    inquiry_message: lazy("InquiryMessage", "inquiries") | None = to_one(
        "inquiry_message_id", "所属咨询消息 / the message it came with"
    )
    grading: Grading | None = to_one("grading_id", "所属定级 / the grading whose report it is")
    panel_case: lazy("PanelCase", "panels") | None = to_one("panel_case_id", "所属评审事项 / the case that it came of")
    reply_letter: lazy("ReplyLetter", "filings") | None = to_one(
        "reply_letter_id", "所属复函 / the reply that it is the letter of"
    )
    assessment_report: lazy("AssessmentReport", "assessments") | None = to_one(
        "assessment_report_id", "所属测评报告 / the assessment report that it belongs to"
    )
    inspection: lazy("Inspection", "inspections") | None = to_one(
        "inspection_id", "所属检查 / the inspection at which it was taken"
    )
    rectification_order: lazy("RectificationOrder", "inspections") | None = to_one(
        "rectification_order_id", "所属整改通知书 / the order that it is the letter of"
    )
    order_response: lazy("OrderResponse", "inspections") | None = to_one(
        "order_response_id", "所属整改反馈 / the response that it is evidence of"
    )
    inspection_notice: lazy("Inspection", "inspections") | None = to_one(
        "inspection_notice_id", "所通知的检查 / the inspection that it gives notice of"
    )
    inspection_campaign: lazy("InspectionCampaign", "inspections") | None = to_one(
        "inspection_campaign_id", "所属检查工作 / the campaign whose report it is"
    )
    self_inspection: lazy("SelfInspection", "inspections") | None = to_one(
        "self_inspection_id", "所属系统自查 / the self-inspection that it belongs to"
    )
    created_at: dt.datetime = column("created_at", "登记时间 / when it was announced")
    stored_at: dt.datetime | None = column("stored_at", "存储时间 / when it was stored")


@entity(ArchiveEntryRow, "ent")
@strawberry.type(description="压缩包内的一个文件 / a file in an archive")
class ArchiveEntry(Node):
    """A file in an archive."""

    id: strawberry.ID = global_id("ent")
    document: Document | None = to_one("document_id", "所在压缩包 / the archive")
    place: int = column("place", "序号,从 1 起 / its place, from 1 on")
    name: str = column("name", "路径与名称 / path and name")
    size: BigInt = column("size", "解开后大小(字节) / size in bytes, unpacked")
    sha256: str = column("sha256", "SHA-256 摘要 / digest")
    depth: int = column("depth", "层次:1 为压缩包本身,2 为其内的压缩包 / 1 in the archive itself, 2 in one within it")


@strawberry.type(description="复函所列的一项缺失 / one thing that a reply says is missing")
class NamedItem:
    """One thing that a reply says is missing."""

    path: str | None = json(
        "表中位置或材料种类,自拟文字为空 / the place in the form or kind of document, null for free words", "path"
    )
    text: str = read(IN_LANGUAGE, "文字 / in words")


@entity(ReplyLetterRow, "rep")
@strawberry.type(description="备案情况复函 / a reply letter")
class ReplyLetter(Node):
    """A reply letter."""

    id: strawberry.ID = global_id("rep")
    filing: lazy("Filing", "filings") | None = to_one("filing_id", "所复备案 / the filing it answers")
    kind: ReplyKind = column("kind", "类别 / kind")
    state: ReplyState = column("state", "状态 / state")
    number: str | None = column("number", "文号 / number")
    body: str = column("body", "正文 / text")
    missing_items: list[str] = column("missing_items", "所缺材料(复函 B) / what is missing (reply B)")
    named_items: list[NamedItem] = embedded(
        lambda t: t.c.named_items, "所缺材料的文字(复函 B) / the same in words (reply B)", "named_items"
    )
    drafted_by: User | None = to_one("drafted_by_id", "拟稿人 / who drafted it")
    issued_by: User | None = to_one("issued_by_id", "签发人 / who issued it")
    issued_at: dt.datetime | None = column("issued_at", "签发时间 / when it was issued")
    return_reason: str | None = column("return_reason", "退回理由 / why it was returned to its drafter")
    verification_code: str | None = column("verification_code", "验证码 / code to verify the letter by")
    document: Document | None = as_pdf("reply_letter_id", "公文(PDF/A),签发后生成 / the letter, made once it is issued")
    documents: list[Document] = to_many("reply_letter_id", "公文各格式 / the letter in each form, PDF and Word")
    created_at: dt.datetime = column("created_at", "拟稿时间 / when it was drafted")
    version: int = column("version", "版本 / counts its changes")


@entity(FilingTransition, "trn")
@strawberry.type(description="办理记录 / one step of a filing's life")
class Transition(Node):
    """One step of a filing's life."""

    id: strawberry.ID = global_id("trn")
    action: str = column("action", "办理事项 / what was done")
    from_: FilingState | None = column("from_state", "原状态 / from", name="from")
    to: FilingState = column("to_state", "新状态 / to")
    at: dt.datetime = column("created_at", "时间 / when")
    by: User | None = to_one("by_id", "办理人 / by whom")


@entity(ReviewPeriodRow, "rvp")
@strawberry.type(description="一次审核期 / one run of the review's clock")
class ReviewPeriod(Node):
    """One run of the review's clock."""

    id: strawberry.ID = global_id("rvp")
    started_on: dt.date = column("started_on", "起算日(不计) / the day after which days count")
    due_on: dt.date = column("due_on", "期限 / when a reply was due")
    provisional: bool = column("provisional", "期限待校正 / due by a calendar not yet published")
    ended_on: dt.date | None = column("ended_on", "答复日,审核中为空 / the day of the reply, null while it runs")
    punctual: bool | None = expression(
        lambda t: t.c.ended_on <= t.c.due_on, "是否按期,审核中为空 / whether in time, null while it runs", "ended_on"
    )
    reply: ReplyLetter | None = to_one("reply_letter_id", "所作复函 / the reply that ended it")


@strawberry.type(description="提交时所附的文件 / a document as it was handed in")
class SubmittedDocument:
    """A document as it was handed in."""

    kind: DocumentKind = json("种类 / kind", "kind")
    filename: str = json("文件名 / file name", "filename")
    size: BigInt = json("大小(字节) / size in bytes", "size")
    sha256: str = json("SHA-256 摘要 / digest", "sha256")


@entity(FilingSubmission, "sbm")
@strawberry.type(description="一次提交:当时的备案表与材料,不再改变 / what was handed in, as it was")
class Submission(Node):
    """What was handed in, as it was."""

    id: strawberry.ID = global_id("sbm")
    at: dt.datetime = column("created_at", "提交时间 / when")
    by: User | None = to_one("by_id", "提交人 / by whom")
    level: int = column("level", "备案等级 / the level filed")
    form_edition: str = column("form_edition", "备案表版本 / edition of the form")
    form: FilingForm = kept_as_shown("form", "备案表 / the form")
    documents: list[SubmittedDocument] = embedded(lambda t: t.c.documents, "材料 / documents", "documents")


@entity(FilingRow, "fil")
@strawberry.type(description="备案 / a filing")
class Filing(Node):
    """A filing."""

    id: strawberry.ID = global_id("fil")
    number: str | None = column("number", "备案编号 / number")
    system: System | None = to_one("system_id", "信息系统 / the system")
    unit: Organisation | None = to_one("unit_id", "备案单位 / the unit")
    grading: Grading | None = to_one("grading_id", "所据定级 / the grading it rests on")
    level: int = column("level", "备案等级 / the level filed")
    authority: AuthorityLevel = column("authority", "备案层级 / with which authority")
    district: District | None = to_one("district_id", "受理区县 / the district that receives it")
    state: FilingState = column("state", "状态 / state")
    channel: FilingChannel = column("channel", "渠道 / by which way it came")
    form_edition: str = column("form_edition", "备案表版本 / edition of the form")
    form: FilingForm = kept_as_shown("form", "备案表 / the form")
    printed_pdf: str = expression(
        lambda t: literal_column("'/filings/fil_'") + cast(t.c.id, Text()) + literal_column("'/form.pdf'"),
        "打印的备案表(PDF):附登录令牌 GET 此路径 / the printed form as PDF: GET this path, with the token",
    )
    printed_word: str = expression(
        lambda t: literal_column("'/filings/fil_'") + cast(t.c.id, Text()) + literal_column("'/form.docx'"),
        "打印的备案表(Word):附登录令牌 GET 此路径 / the printed form as a Word file: GET this path, with the token",
    )
    missing_items: list[MissingItem] = embedded(
        lambda t: t.c.missing_items, "尚缺内容,一次列全 / all that is still missing", "missing_items"
    )
    documents: list[Document] = to_many("filing_id", "材料 / documents")
    replies: list[ReplyLetter] = to_many("filing_id", "复函,新者在前 / replies, the latest first", "-id")
    submissions: list[Submission] = to_many("filing_id", "历次提交 / what was handed in, each time", "id")
    review_periods: list[ReviewPeriod] = to_many("filing_id", "历次审核期 / runs of the review's clock", "id")
    history: list[Transition] = to_many("filing_id", "办理记录 / history", "id")
    created_at: dt.datetime = column("created_at", "创建时间 / when it was begun")
    submitted_at: dt.datetime | None = column("submitted_at", "提交时间 / when it was submitted")
    received_at: dt.datetime | None = column("received_at", "接收时间 / when it was received")
    review_started_at: dt.datetime | None = column("review_started_at", "开始审核 / when the review began")
    review_due_on: dt.date | None = column("review_due_on", "审核期限 / when the review is due")
    review_due_provisional: bool = column(
        "review_due_provisional", "期限待校正:当年工作日历尚未公布 / due by a calendar not yet published"
    )
    overdue: bool = expression(
        lambda t: and_(t.c.state == FilingState.UNDER_REVIEW, func.coalesce(t.c.review_due_on < TODAY, False)),
        "是否逾期 / whether the review is overdue",
        "review_due_on",
    )
    replied_at: dt.datetime | None = column("replied_at", "答复时间 / when it was answered")
    monthly_return: lazy("MonthlyReturn", "filings") | None = to_one(
        "monthly_return_id", "所在月报 / its monthly return"
    )
    replaces: lazy("Filing", "filings") | None = to_one("replaces_id", "所替代的备案 / the filing it replaces")
    replaced_by: lazy("Filing", "filings") | None = to_one_on(
        lambda mine, other: and_(other.c.replaces_id == mine.c.id, other.c.state.in_(("ACCEPTED", "REPLACED"))),
        "替代它的备案 / the filing that replaces it",
    )
    cancel_reason: str | None = column("cancel_reason", "注销原因 / why it was cancelled")
    saved_by: User | None = to_one("saved_by_id", "填报人 / who saved it last")
    version: int = column("version", "版本 / counts its changes")


@entity(MonthlyReturnRow, "ret")
@strawberry.type(description="月报 / a district's monthly return")
class MonthlyReturn(Node):
    """A district's monthly return."""

    id: strawberry.ID = global_id("ret")
    district: District | None = to_one("district_id", "区县 / the district")
    month: dt.date = column("month", "月份(首日) / the month, by its first day")
    state: MonthlyReturnState = column("state", "状态 / state")
    late: bool = column("late", "是否逾期 / whether handed in late")
    filings: Connection[Filing] = connection(lists.FILINGS, "所列备案 / the filings it lists", key="monthly_return_id")
    submitted_at: dt.datetime | None = column("submitted_at", "报送时间 / when it was handed in")
    submitted_by: User | None = to_one("submitted_by_id", "报送人 / who handed it in")
    version: int = column("version", "版本 / counts its changes")
