"""The root of all writes: each mutation names its use case, its input, and what its payload holds.

Adapters only: an input's fields are handed to the use case under their names, ids decoded by ``ID_PREFIXES``.
"""

import datetime as dt
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from api.schema.common import BigInt, UserError
from api.schema.filings import Document, Filing, MonthlyReturn, ReplyLetter
from api.schema.form import FilingFormInput
from api.schema.query import Viewer
from api.schema.systems import Grading, System
from domain.documents import use_cases as documents
from domain.documents.kinds import DocumentKind
from domain.filings import use_cases as filings
from domain.grading import use_cases as gradings
from domain.grading.levels import HarmDegree, HarmObject
from domain.replies import use_cases as replies
from domain.replies.entities import ReplyKind
from domain.returns import use_cases as returns
from domain.systems import use_cases as systems

RUN = "dengbao.run"

ID_PREFIXES = {
    "unitId": "org",
    "parentSystemId": "sys",
    "systemId": "sys",
    "gradingId": "grd",
    "filingId": "fil",
    "documentId": "doc",
    "uploadId": "doc",
    "replyLetterId": "rep",
    "monthlyReturnId": "ret",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mutation gives back: keys of entities to read again, and plain values, by payload field."""

    entities: dict[str, UUID]
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """How a mutation is carried out; ``use_case`` None: it is one of the session's (sign-in and its like)."""

    use_case: Callable[..., Awaitable[Any]] | None
    answer: Callable[[Any], Answer]


_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def snake(name: str) -> str:
    """An input field's name as a use case's parameter."""
    return _CAPITAL.sub("_", name).lower()


def _of(field: str) -> Callable[[Any], Answer]:
    return lambda entity: Answer({field: entity.id}, {})


def _upload(granted: documents.Upload) -> Answer:
    headers = [{"name": name, "value": value} for name, value in granted.headers.items()]
    upload = {
        "id": f"doc_{granted.document.id}",
        "method": "PUT",
        "url": granted.url,
        "headers": headers,
        "expiresAt": granted.expires_at.isoformat(),
    }
    return Answer({}, {"upload": upload})


def _download(granted: documents.Download) -> Answer:
    download = {"url": granted.url, "expiresAt": granted.expires_at.isoformat()}
    return Answer({"document": granted.document.id}, {"download": download})


def mutation(run: Run, input_: Any, description: str) -> Any:
    """A mutation with its one argument ``input``."""
    made = strawberry.field(description=description, metadata={RUN: run})
    made.arguments = [StrawberryArgument("input", "input", StrawberryAnnotation(input_), description="输入 / input")]
    return made


def says(zh: str, en: str) -> Any:
    """A field that has to be given."""
    return strawberry.field(description=f"{zh} / {en}")


def may(zh: str, en: str) -> Any:
    """A field that may be given."""
    return strawberry.field(default=None, description=f"{zh} / {en}")


def key() -> Any:
    """The idempotency key that every input may carry."""
    return may("幂等键:同键同输入再次请求得到同一结果", "the same key and input again gives the first answer again")


def version() -> Any:
    """The version that a step may be bound to."""
    return may("读取时的版本;已被他人修改时拒绝", "the version that was read; refused when somebody was faster")


@strawberry.input(description="登录 / signing in")
class SignInInput:
    """Signing in."""

    username: str = says("用户名,或 用户名@城市代号", "user name, or name@city")
    password: str = says("密码", "password")
    totp: str | None = may("动态口令(已启用时)", "one-time code, where enrolled")
    idempotency_key: str | None = key()


@strawberry.input(description="续期 / continuing a session")
class RefreshSessionInput:
    """Continuing a session."""

    refresh_token: str = says("续期令牌", "refresh token")
    idempotency_key: str | None = key()


@strawberry.input(description="退出 / signing out")
class SignOutInput:
    """Signing out."""

    idempotency_key: str | None = key()


@strawberry.input(description="登记信息系统 / entering a system")
class CreateSystemInput:
    """Entering a system."""

    name: str = says("名称", "name")
    code: str = says("单位自编编号", "the unit's own number for it")
    in_service_on: dt.date | None = may("投入运行日期", "in service since")
    parent_system_id: strawberry.ID | None = may("上级系统", "the system it is part of")
    unit_id: strawberry.ID | None = may("为下属单位登记时的单位", "the unit, when entered for a supervised one")
    idempotency_key: str | None = key()


@strawberry.input(description="一项侵害 / one harm")
class HarmInput:
    """One harm."""

    object: HarmObject = says("受侵害的客体", "what is harmed")
    degree: HarmDegree = says("侵害程度", "how badly")


@strawberry.input(description="业务信息或系统服务的定级 / the determination for one of the two")
class DeterminationInput:
    """The determination for one of the two."""

    harms: list[HarmInput] = says("侵害", "the harms")
    description: str | None = may("描述", "description")
    reasoning: str | None = may("确定理由", "reasoning")


@strawberry.input(description="保存定级草稿 / saving a grading's draft")
class SaveGradingInput:
    """Saving a grading's draft."""

    system_id: strawberry.ID = says("信息系统", "the system")
    grading_id: strawberry.ID | None = may("要修改的草稿", "the draft to change")
    version: int | None = may("修改草稿时必填:读取时的版本", "required to change a draft: the version that was read")
    business_information: DeterminationInput = says("业务信息安全", "business information")
    system_service: DeterminationInput = says("系统服务安全", "system service")
    description: str | None = may("系统描述", "description of the system")
    reason_against_opinion: str | None = may("未采纳专家意见的理由", "why the experts' opinion is not followed")
    idempotency_key: str | None = key()


@strawberry.input(description="定级的一步 / a step of a grading")
class GradingStepInput:
    """A step of a grading."""

    grading_id: strawberry.ID = says("定级", "the grading")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="创建备案 / beginning a filing")
class CreateFilingInput:
    """Beginning a filing."""

    system_id: strawberry.ID = says("信息系统", "the system")
    idempotency_key: str | None = key()


@strawberry.input(description="保存备案 / saving a filing")
class SaveFilingInput:
    """Saving a filing."""

    filing_id: strawberry.ID = says("备案", "the filing")
    version: int | None = may("必填:读取时的版本", "required: the version that was read")
    form: FilingFormInput = says("备案表;给出的表整体替换原表", "the form; a table given replaces the former one")
    idempotency_key: str | None = key()


@strawberry.input(description="备案的一步 / a step of a filing")
class FilingStepInput:
    """A step of a filing."""

    filing_id: strawberry.ID = says("备案", "the filing")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="附上材料 / attaching a document")
class AttachDocumentInput:
    """Attaching a document."""

    filing_id: strawberry.ID = says("备案", "the filing")
    document_id: strawberry.ID = says("文件", "the document")
    kind: DocumentKind = says("材料种类", "kind of document")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="取下材料 / detaching a document")
class DetachDocumentInput:
    """Detaching a document."""

    document_id: strawberry.ID = says("文件", "the document")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="申请上传 / announcing a file")
class RequestUploadInput:
    """Announcing a file."""

    filename: str = says("文件名", "file name")
    size: BigInt = says("大小(字节)", "size in bytes")
    sha256: str = says("SHA-256 摘要(十六进制)", "SHA-256, hexadecimal")
    purpose: DocumentKind = says("用途", "what it is for")
    idempotency_key: str | None = key()


@strawberry.input(description="完成上传 / completing an upload")
class CompleteUploadInput:
    """Completing an upload."""

    upload_id: strawberry.ID = says("requestUpload 给出的标识", "the id that requestUpload gave")
    idempotency_key: str | None = key()


@strawberry.input(description="申请下载 / asking for a download")
class RequestDownloadInput:
    """Asking for a download."""

    document_id: strawberry.ID = says("文件", "the document")
    idempotency_key: str | None = key()


@strawberry.input(description="月报的一步 / a step of a monthly return")
class MonthlyReturnStepInput:
    """A step of a monthly return."""

    monthly_return_id: strawberry.ID = says("月报", "the monthly return")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="拟复函 / drafting a reply")
class DraftReplyInput:
    """Drafting a reply."""

    filing_id: strawberry.ID = says("备案", "the filing")
    kind: ReplyKind = says("类别", "kind")
    body: str | None = may("正文;复函 C 须写明理由", "text; reply C gives its reasons here")
    missing_items: list[str] | None = may("所缺材料(复函 B 必填)", "what is missing, required for reply B")
    idempotency_key: str | None = key()


@strawberry.input(description="复函的一步 / a step of a reply")
class ReplyStepInput:
    """A step of a reply."""

    reply_letter_id: strawberry.ID = says("复函", "the reply letter")
    reason: str | None = may("退回理由(退回时必填)", "why it is returned, required for returning")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.type(description="HTTP 头 / a header")
class HttpHeader:
    """A header."""

    name: str = says("名称", "name")
    value: str = says("值", "value")


@strawberry.type(description="获准的上传:按所给方法、地址和头发送文件 / an upload that was granted: send exactly this")
class Upload:
    """An upload that was granted."""

    id: strawberry.ID = says("标识,用于 completeUpload", "its id, for completeUpload")
    method: str = says("HTTP 方法", "HTTP method")
    url: str = says("地址", "address")
    headers: list[HttpHeader] = says("须发送的头", "headers to send")
    expires_at: dt.datetime = says("有效期至", "good until")


@strawberry.type(description="短期有效的下载地址 / a short-lived link")
class Download:
    """A short-lived link."""

    url: str = says("地址", "address")
    expires_at: dt.datetime = says("有效期至", "good until")


ERRORS = ("未能办理的原因;办成时为空", "why it was not done; empty when it was")


@strawberry.type(description="登录结果 / who is signed in now")
class SignInPayload:
    """Who is signed in now."""

    access_token: str | None = says("访问令牌,15 分钟有效", "access token, good for 15 minutes")
    refresh_token: str | None = says("续期令牌,用一次即换", "refresh token, exchanged each time it is used")
    expires_at: dt.datetime | None = says("访问令牌有效期至", "when the access token ends")
    viewer: Viewer | None = says("登录者", "who is signed in")
    user_errors: list[UserError] = says(*ERRORS)


@strawberry.type(description="退出结果 / whether the session ended")
class SignOutPayload:
    """Whether the session ended."""

    signed_out: bool = says("是否已退出", "whether the session ended")
    user_errors: list[UserError] = says(*ERRORS)


def _payload(name: str, field: str, type_: Any, zh: str, en: str, **more: Any) -> Any:
    """A payload of one entity (and ``more`` plain fields), with the reasons why it may be absent."""
    annotations = {field: type_ | None, **{each: kind | None for each, kind in more.items()}}
    members = {each: says("结果;未办成时为空", "the result, null when it was not done") for each in annotations}
    annotations["user_errors"] = list[UserError]
    members["user_errors"] = says(*ERRORS)
    return strawberry.type(
        type(name, (), {"__annotations__": annotations, "__doc__": en, **members}), description=f"{zh} / {en}"
    )


SystemPayload = _payload("SystemPayload", "system", System, "信息系统", "the system")
GradingPayload = _payload("GradingPayload", "grading", Grading, "定级", "the grading")
FilingPayload = _payload("FilingPayload", "filing", Filing, "备案", "the filing")
DocumentPayload = _payload("DocumentPayload", "document", Document, "文件", "the document")
RequestUploadPayload = _payload("RequestUploadPayload", "upload", Upload, "获准的上传", "the upload granted")
DownloadPayload = _payload("DownloadPayload", "document", Document, "下载", "the download granted", download=Download)
MonthlyReturnPayload = _payload("MonthlyReturnPayload", "monthly_return", MonthlyReturn, "月报", "the monthly return")
ReplyLetterPayload = _payload("ReplyLetterPayload", "reply_letter", ReplyLetter, "复函", "the reply letter")

_session = Run(None, lambda answer: answer)
_filing, _grading, _reply = _of("filing"), _of("grading"), _of("replyLetter")


@strawberry.type(description="变更 / all that can be done")
class Mutation:
    """All that can be done."""

    sign_in: SignInPayload = mutation(_session, SignInInput, "登录 / sign in")
    refresh_session: SignInPayload = mutation(_session, RefreshSessionInput, "续期 / continue the session")
    sign_out: SignOutPayload = mutation(_session, SignOutInput, "退出 / sign out")
    create_system: SystemPayload = mutation(
        Run(systems.create_system, _of("system")), CreateSystemInput, "登记信息系统(填报人) / enter a system (filer)"
    )
    save_grading: GradingPayload = mutation(
        Run(gradings.save_grading, _grading),
        SaveGradingInput,
        "保存定级草稿,等级自动得出(填报人) / save a draft (filer)",
    )
    submit_grading: GradingPayload = mutation(
        Run(gradings.submit_grading, _grading), GradingStepInput, "提交定级(填报人) / submit a grading (filer)"
    )
    confirm_grading: GradingPayload = mutation(
        Run(gradings.confirm_grading, _grading), GradingStepInput, "确认定级(审批人) / confirm a grading (approver)"
    )
    create_filing: FilingPayload = mutation(
        Run(filings.create_filing, _filing), CreateFilingInput, "创建备案,表格预填(填报人) / begin a filing (filer)"
    )
    save_filing: FilingPayload = mutation(
        Run(filings.save_filing, _filing), SaveFilingInput, "保存备案表(填报人) / save the form (filer)"
    )
    attach_document: FilingPayload = mutation(
        Run(filings.attach_document, _filing), AttachDocumentInput, "附上材料(填报人) / attach a document (filer)"
    )
    detach_document: FilingPayload = mutation(
        Run(filings.detach_document, _filing), DetachDocumentInput, "取下材料(填报人) / detach a document (filer)"
    )
    submit_filing: FilingPayload = mutation(
        Run(filings.submit_filing, _filing), FilingStepInput, "提交备案(审批人) / submit a filing (approver)"
    )
    withdraw_filing: FilingPayload = mutation(
        Run(filings.withdraw_filing, _filing), FilingStepInput, "撤回备案(审批人) / withdraw a filing (approver)"
    )
    resubmit_filing: FilingPayload = mutation(
        Run(filings.resubmit_filing, _filing), FilingStepInput, "重新提交备案(审批人) / submit again (approver)"
    )
    receive_filing: FilingPayload = mutation(
        Run(filings.receive_filing, _filing), FilingStepInput, "接收备案(区县或市经办人) / receive (officer)"
    )
    request_upload: RequestUploadPayload = mutation(
        Run(documents.request_upload, _upload), RequestUploadInput, "申请上传文件 / announce a file"
    )
    complete_upload: DocumentPayload = mutation(
        Run(documents.complete_upload, _of("document")), CompleteUploadInput, "完成上传 / complete an upload"
    )
    request_download: DownloadPayload = mutation(
        Run(documents.request_download, _download), RequestDownloadInput, "申请下载文件 / ask for a download"
    )
    submit_monthly_return: MonthlyReturnPayload = mutation(
        Run(returns.submit_monthly_return, _of("monthlyReturn")),
        MonthlyReturnStepInput,
        "报送月报(区县经办人) / hand in a monthly return (district officer)",
    )
    draft_reply: ReplyLetterPayload = mutation(
        Run(replies.draft_reply, _reply), DraftReplyInput, "拟复函(市经办人) / draft a reply (city officer)"
    )
    issue_reply: ReplyLetterPayload = mutation(
        Run(replies.issue_reply, _reply), ReplyStepInput, "签发复函(市领导) / issue a reply (city leader)"
    )
    return_reply: ReplyLetterPayload = mutation(
        Run(replies.return_reply, _reply), ReplyStepInput, "退回复函(市领导) / return a reply (city leader)"
    )
