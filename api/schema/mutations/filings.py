"""What is done with filings (备案)."""

import datetime as dt

import strawberry

from api.schema.filings import Filing
from api.schema.form import FilingFormInput
from api.schema.mutations.adapter import Run, entity, key, may, may_ref, mutation, payload, ref, says, version
from api.schema.mutations.gradings import DeterminationInput
from domain.documents.kinds import DocumentKind
from domain.filings import office
from domain.filings import use_cases as filings
from domain.filings.entities import FilingChannel
from domain.packages.taking_in import prepare


@strawberry.input(description="创建备案 / beginning a filing")
class CreateFilingInput:
    """Beginning a filing."""

    system_id: strawberry.ID = ref("sys", "信息系统", "the system")
    idempotency_key: str | None = key()


@strawberry.input(description="保存备案 / saving a filing")
class SaveFilingInput:
    """Saving a filing."""

    filing_id: strawberry.ID = ref("fil", "备案", "the filing")
    version: int | None = may("必填:读取时的版本", "required: the version that was read")
    form: FilingFormInput = says("备案表;给出的表整体替换原表", "the form; a table given replaces the former one")
    idempotency_key: str | None = key()


@strawberry.input(description="备案的一步 / a step of a filing")
class FilingStepInput:
    """A step of a filing."""

    filing_id: strawberry.ID = ref("fil", "备案", "the filing")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="附上材料 / attaching a document")
class AttachDocumentInput:
    """Attaching a document."""

    filing_id: strawberry.ID = ref("fil", "备案", "the filing")
    document_id: strawberry.ID = ref("doc", "文件", "the document")
    kind: DocumentKind = says("材料种类", "kind of document")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="取下材料 / detaching a document")
class DetachDocumentInput:
    """Detaching a document."""

    document_id: strawberry.ID = ref("doc", "文件", "the document")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="注销备案 / cancelling a filing")
class CancelFilingInput:
    """Cancelling a filing."""

    filing_id: strawberry.ID = ref("fil", "备案", "the filing")
    reason: str = says("注销原因", "why it is cancelled")
    retired_on: dt.date | None = may("系统停用日期(默认今天)", "when the system was retired, today by default")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="随备案收到的一份材料 / a document that came with a filing")
class EnteredDocumentInput:
    """A document that came with a filing."""

    document_id: strawberry.ID = ref("doc", "文件(由录入机构上传)", "the document, uploaded by the office")
    kind: DocumentKind = says("材料种类", "kind of document")


@strawberry.input(description="随备案登记的系统 / a system that is entered with its filing")
class EnteredSystemInput:
    """A system that is entered with its filing."""

    unit_id: strawberry.ID = ref("org", "运营使用单位", "the unit that runs it")
    name: str = says("名称", "name")
    code: str = says("单位自编编号", "the unit's own number for it")
    in_service_on: dt.date | None = may("投入运行日期", "in service since")


@strawberry.input(description="备案材料所载定级 / a grading as it was filed")
class EnteredGradingInput:
    """A grading as it was filed."""

    business_information: DeterminationInput = says("业务信息安全", "business information")
    system_service: DeterminationInput = says("系统服务安全", "system service")
    graded_on: dt.date | None = may("定级时间,默认收到日期", "when it was determined, by default the day of arrival")


@strawberry.input(description="代录备案 / entering a filing that came otherwise")
class EnterFilingInput:
    """Entering a filing that came otherwise."""

    system_id: strawberry.ID | None = may_ref("sys", "已登记的信息系统", "a system that is entered already")
    system: EnteredSystemInput | None = may(
        "尚未登记的系统,与 systemId 二者择一", "a system that is not entered yet, in place of systemId"
    )
    grading: EnteredGradingInput | None = may(
        "备案材料所载定级;单位已在平台定级的不填", "the grading as it was filed, unless the unit graded on the platform"
    )
    package_id: strawberry.ID | None = may_ref(
        "doc",
        "备案材料包(以 FILING_ARCHIVE 上传);系统、定级、备案表、材料未另行给出的取自包内",
        "a filing package, uploaded as FILING_ARCHIVE: what is not given beside it is taken from it",
    )
    channel: FilingChannel = says("渠道(在线填报除外)", "by which way it came, other than online")
    received_on: dt.date = says("收到日期", "the day on which materials and data had arrived")
    form: FilingFormInput | None = may(
        "备案表;给出的表替换预填的表", "the form; a table given replaces what is prefilled"
    )
    documents: list[EnteredDocumentInput] | None = may(
        "材料,须含备案电子数据", "documents, the electronic archive among them"
    )
    idempotency_key: str | None = key()


FilingPayload = payload("FilingPayload", "filing", Filing, "备案", "the filing")

_filing = entity("filing")


@strawberry.type
class FilingMutations:
    """What is done with filings."""

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
    discard_filing: FilingPayload = mutation(
        Run(filings.discard_filing, _filing),
        FilingStepInput,
        "作废备案草稿(填报人、审批人) / give up a draft (filer, approver)",
    )
    withdraw_filing: FilingPayload = mutation(
        Run(filings.withdraw_filing, _filing),
        FilingStepInput,
        "撤回尚未接收的备案,或退回后其系统改定为第一级的备案(审批人) / withdraw a filing that was not yet received, or "
        "was sent back and is of level 1 by now (approver)",
    )
    resubmit_filing: FilingPayload = mutation(
        Run(filings.resubmit_filing, _filing), FilingStepInput, "重新提交备案(审批人) / submit again (approver)"
    )
    amend_filing: FilingPayload = mutation(
        Run(filings.amend_filing, _filing),
        FilingStepInput,
        "变更备案:创建替代已接受备案的新备案(审批人) / begin the filing that replaces an accepted one (approver)",
    )
    cancel_filing: FilingPayload = mutation(
        Run(filings.cancel_filing, _filing), CancelFilingInput, "注销备案(审批人) / cancel a filing (approver)"
    )
    enter_filing: FilingPayload = mutation(
        Run(office.enter_filing, _filing, before=prepare),
        EnterFilingInput,
        "代录经电子邮件、专人或公文交换收到的备案(区县或市经办人) / enter a filing that came otherwise (officer)",
    )
    receive_filing: FilingPayload = mutation(
        Run(office.receive_filing, _filing), FilingStepInput, "接收备案(区县或市经办人) / receive (officer)"
    )
