"""The audit trail (审计)."""

import datetime as dt

import strawberry

from api.reads.sources import column, entity, global_id, to_any, to_one
from api.schema.city import Organisation, User
from api.schema.common import Node
from domain.audit.entities import AuditEvent as AuditEventRow


@entity(AuditEventRow, "aud")
@strawberry.type(description="审计记录 / one entry of the audit trail")
class AuditEvent(Node):
    """One entry of the audit trail."""

    id: strawberry.ID = global_id("aud")
    action: str = column("action", "事项 / what was done")
    user: User | None = to_one("user_id", "人员 / who did it")
    organisation: Organisation | None = to_one("organisation_id", "机构 / on whose behalf")
    subject_type: str = column("subject_type", "对象类型 / the kind of thing it was done to")
    subject: Node | None = to_any(
        "subject_type", "subject_id", "对象,不可见时为空 / the thing itself, null out of sight"
    )
    created_at: dt.datetime = column("created_at", "时间 / when")
