"""Packages that came by e-mail (邮件来件)."""

import datetime as dt

import strawberry
from sqlalchemy import case

from api.reads.sources import column, entity, expression, global_id, to_one
from api.schema.city import Organisation
from api.schema.common import Node
from api.schema.filings import LANGUAGE, Document, Filing
from domain.mailed.entities import MailedPackage as MailedPackageRow
from domain.mailed.entities import MailedPackageState


@entity(MailedPackageRow, "mlp")
@strawberry.type(description="经电子邮件收到的备案材料,待机关录入 / a package that came by e-mail, to be entered")
class MailedPackage(Node):
    """A package that came by e-mail."""

    id: strawberry.ID = global_id("mlp")
    organisation: Organisation | None = to_one("organisation_id", "收件机关 / the office whose mailbox it came to")
    sender: str = column("sender", "发件人(邮件所称) / the sender, as the e-mail says")
    subject: str = column("subject", "主题 / subject")
    filename: str = column("filename", "附件名称 / the attachment's file name")
    arrived_at: dt.datetime = column("arrived_at", "邮件到达时间 / when the e-mail arrived")
    state: MailedPackageState = column("state", "状态 / state")
    reason: str | None = expression(
        lambda t: case((LANGUAGE == "en", t.c.reason_en), else_=t.c.reason_zh),
        "拒收的原因与处理办法 / why it was refused, and the remedy",
        "reason_zh",
        "reason_en",
    )
    document: Document | None = to_one(
        "document_id", "所存文件,即 enterFiling 的 packageId / the document, which enterFiling takes as packageId"
    )
    filing: Filing | None = to_one("filing_id", "录入的备案 / the filing that it was entered as")
    created_at: dt.datetime = column("created_at", "收取时间 / when it was taken from the mailbox")
