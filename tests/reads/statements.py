"""What a plan's SQL has to hold wherever it names a table: the row scope of the role, with its very parameters."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import FromClause, select

from api.reads.plan import Plan, make_plan
from authz.scopes import ADMIN, BY_KEY, DISTRICT, MEMBERSHIP, ORGANISATION, TENANT, USER, Named, Reached, Way, scope
from domain.access import Role
from domain.entities import Base

NAMED = re.compile(r"(?:FROM|JOIN|,) (\w+) AS (\w+_\d+)")
PLACE = re.compile(r"\$(\d+)(?:::(?:TIMESTAMP WITH TIME ZONE|[A-Z]+(?:\[\])?))?")
SPREAD = re.compile(
    r"unnest\(array\(\(SELECT organisations_(\d+)\.id FROM organisations AS organisations_\1"
    r" WHERE organisations_\1\.tenant_id = <scope_tenant> AND \(organisations_\1\.supervising_unit_id ="
    r" <scope_organisation> OR organisations_\1\.id = <scope_organisation>\)\)\)\)"
)
NUMBERED = re.compile(r"\b([a-z_]+)_(\d+)\b")
PARAMETERS = (TENANT, ORGANISATION, DISTRICT, USER, MEMBERSHIP, ADMIN)


def readable(plan: Plan) -> str:
    """The statement with each place for a value filled with what it stands for."""
    context: dict[str, Any] = {parameter.key: f"<{parameter.key}>" for parameter in PARAMETERS}
    context |= {name: f"<{name}>" for name in ("scope_key", "scope_language", "scope_duties")}

    def meaning(place: re.Match[str]) -> str:
        try:
            return str(plan.parameters[int(place[1]) - 1]({}, context))
        except Exception:
            return "<a value that cannot be converted>"

    text = re.sub(r"\s+", " ", PLACE.sub(meaning, plan.sql))
    # Numbers of one width, so that places stay when some are made alike.
    return NUMBERED.sub(lambda each: f"{each[1]}_{int(each[2]):05d}", text)


def check_scopes(plan: Plan, role: Role) -> int:
    """Each table stands beside the role's scope for it, or within such a scope. Gives how many tables there were.

    Rows that SQL works out (the work queue) come from tables held to the tenant, and are scoped as a whole.
    """
    text = readable(plan)
    # The few values that a scope's rows have one of, which a page's are read by.
    scopes = [range(each.start(), each.end()) for each in SPREAD.finditer(text)]
    derived = _derived(text)
    found = 0
    for named in NAMED.finditer(text):
        table, alias = Base.metadata.tables.get(named[1]), named[2]
        if table is None:
            continue
        found += 1
        if any(named.start() in each for each in scopes):
            continue
        if any(named.start() in each for each in derived):
            assert f"{alias}.tenant_id = <scope_tenant>" in text, f"{role}: {alias} is not held to the tenant:\n{text}"
            continue
        shape = _alike(text, alias)
        for wanted in _scopes(role, table, alias, text):
            if shape.find(wanted, named.end()) >= 0:
                scopes += [range(each.start(), each.end()) for each in re.finditer(re.escape(wanted), shape)]
                break
        else:
            raise AssertionError(f"{role}: {alias} is read without its scope:\n{text}")
    return found


def _derived(text: str) -> list[range]:
    """Where the sub-selects stand that rows are worked out by."""
    found = []
    for end in re.finditer(r"\) AS work_items_\d+", text):
        place, depth = end.start(), 1
        while depth:
            place -= 1
            depth += {")": 1, "(": -1}.get(text[place], 0)
        found.append(range(place, end.start()))
    return found


def _scopes(role: Role, table: FromClause, alias: str, text: str) -> list[str]:
    """The scope of a table, other names made alike; or what is left of it beside the row whose key leads there."""
    own = f"{table.name}_99999"  # type: ignore[attr-defined]  # a Table
    named = table.alias(own)
    ways: list[Way | None] = [None, BY_KEY]
    for key, parent in re.findall(rf"\b{alias}\.(\w+) = ([a-z_]+)_\d+\.id\b", text):
        ways.append(Reached(key, parent))
    for parent, key in re.findall(rf"\b{alias}\.id = ([a-z_]+)_\d+\.(\w+)\b", text):
        ways.append(Named(key, parent))
    made = (make_plan(select(named.c.id).where(scope(role, named, way)), {}) for way in ways)
    texts = (readable(plan).partition(" WHERE ")[2] for plan in made)
    return [_alike(each, own).replace(own, alias) for each in texts]


def _alike(text: str, alias: str) -> str:
    """The text with the numbers of all names but ``alias`` made alike."""
    return NUMBERED.sub(lambda each: each[0] if each[0] == alias else f"{each[1]}_{'#' * len(each[2])}", text)
