"""The audit trail (审计)."""

import datetime as dt

import strawberry
from sqlalchemy import ColumnElement, FromClause, case, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from api.reads.sources import column, embedded, entity, global_id, json, to_any, to_one
from api.schema.city import Membership, Organisation, User
from api.schema.common import Node
from domain.audit.entities import AuditEvent as AuditEventRow
from domain.audit.entities import AuditOutcome

EMPTY = literal_column("'{}'::jsonb", JSONB())


def _changes(t: FromClause) -> ColumnElement[object]:
    """Before and after side by side, a line for each name in either."""
    before, after = _object(t.c.before), _object(t.c.after)
    names = func.jsonb_object_keys(before.op("||")(after)).table_valued("name").render_derived(name="changed")
    line = func.jsonb_build_object(
        "field", names.c.name, "before", before.op("->>")(names.c.name), "after", after.op("->>")(names.c.name)
    )
    lines = select(func.jsonb_agg(aggregate_order_by(line, names.c.name))).select_from(names)
    return lines.correlate(t).scalar_subquery()


def _object(document: ColumnElement[object]) -> ColumnElement[object]:
    return case((func.jsonb_typeof(document) == "object", document), else_=EMPTY)


@strawberry.type(description="一项变化 / one value that changed")
class AuditChange:
    """One value that changed."""

    field: str = json("项目 / which value", "field")
    before: str | None = json("原值,隐去的显示为 [redacted] / as it was; [redacted] where it is not kept", "before")
    after: str | None = json("新值,隐去的显示为 [redacted] / as it is now; [redacted] where it is not kept", "after")


@entity(AuditEventRow, "aud")
@strawberry.type(description="审计记录 / one entry of the audit trail")
class AuditEvent(Node):
    """One entry of the audit trail."""

    id: strawberry.ID = global_id("aud")
    action: str = column("action", "事项 / what was done")
    outcome: AuditOutcome = column("outcome", "结果 / what became of it")
    reason: str | None = column("reason", "被拒绝的错误代码 / the codes of its refusal")
    attempts: int = column("attempts", "次数,合并记录时大于 1 / how many refused attempts the entry stands for")
    user: User | None = to_one("user_id", "人员 / who did it")
    membership: Membership | None = to_one("membership_id", "以何身份 / the membership acted under")
    organisation: Organisation | None = to_one("organisation_id", "机构 / on whose behalf")
    subject_type: str = column("subject_type", "对象类型 / the kind of thing it was done to")
    subject: Node | None = to_any(
        "subject_type", "subject_id", "对象,不可见时为空 / the thing itself, null out of sight"
    )
    changes: list[AuditChange] = embedded(_changes, "变化前后的值 / values before and after", "before", "after")
    address: str | None = column("address", "来源地址,后台任务为空 / from which address; null for background work")
    user_agent: str | None = column("user_agent", "客户端程序(自称) / the client program, by its own account")
    request_id: str | None = column("request_id", "请求编号,可查日志 / the request's id in the log")
    created_at: dt.datetime = column("created_at", "时间 / when")
