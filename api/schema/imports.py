"""Imports (批量导入): a file on its way in, how far it has come, and what is wrong with its rows."""

import datetime as dt

import strawberry
from sqlalchemy import ColumnElement, FromClause, case

from api.reads.sources import column, connection, entity, expression, global_id, to_one
from api.schema import lists
from api.schema.city import Organisation, User
from api.schema.common import Connection, Node, lazy
from api.schema.filings import LANGUAGE, Document
from domain.imports.entities import ImportKind, ImportMode, ImportState
from domain.imports.entities import ImportProblem as ImportProblemRow
from domain.imports.entities import ImportRun as ImportRunRow


def _spoken(name: str, description: str):  # type: ignore[no-untyped-def]  # a source
    """A text that is kept in both languages, in the caller's."""

    def build(t: FromClause) -> ColumnElement[str]:
        return case((LANGUAGE == "en", t.c[f"{name}_en"]), else_=t.c[f"{name}_zh"])

    return expression(build, description, f"{name}_zh", f"{name}_en")


@entity(ImportRunRow, "imp")
@strawberry.type(description="一次批量导入 / a file being imported")
class ImportRun(Node):
    """A file being imported."""

    id: strawberry.ID = global_id("imp")
    kind: ImportKind = column("kind", "导入内容 / what the file holds")
    mode: ImportMode = column("mode", "导入方式 / what happens to rows in order when others are not")
    dry_run: bool = column("dry_run", "是否试运行 / whether rows are only checked")
    state: ImportState = column("state", "状态 / state")
    rows_total: int | None = column("rows_total", "总行数,读取前为空 / rows in the file, null before it was read")
    rows_done: int = column("rows_done", "已处理行数 / rows dealt with so far")
    created: int = column("created", "新增(试运行:将新增) / rows entered, or in a dry run to be entered")
    updated: int = column("updated", "更新(试运行:将更新) / rows that changed what was there")
    unchanged: int = column("unchanged", "未变 / rows that were there already")
    problem_count: int = column("problem_count", "问题数 / problems found")
    problems: Connection[lazy("ImportProblem", "imports")] = connection(
        lists.IMPORT_PROBLEMS, "问题(至多保留 10000 条) / the problems, of which 10,000 are kept", key="run_id"
    )
    reason: str | None = _spoken("reason", "未导入的原因 / why nothing was imported")
    document: Document | None = to_one("document_id", "文件 / the file")
    organisation: Organisation | None = to_one("organisation_id", "机构 / on whose behalf")
    started_by: User | None = to_one("started_by_id", "发起人 / who started it")
    created_at: dt.datetime = column("created_at", "发起时间 / when it was started")
    begun_at: dt.datetime | None = column("begun_at", "开始时间 / when its turn came")
    ended_at: dt.datetime | None = column("ended_at", "结束时间 / when it ended")
    version: int = column("version", "版本 / counts its changes")


@entity(ImportProblemRow, "ipr")
@strawberry.type(description="导入文件中的一处问题 / one thing that is wrong in a file")
class ImportProblem(Node):
    """One thing that is wrong in a file."""

    id: strawberry.ID = global_id("ipr")
    run: ImportRun | None = to_one("run_id", "所属导入 / its import")
    row: int = column("row_number", "行号 / row in the sheet")
    column: str | None = column("column_letter", "列号,整行的问题为空 / column's letter, null for the row as a whole")
    heading: str | None = _spoken("heading", "列标题 / column's heading")
    message: str = _spoken("message", "问题与处理办法 / what is wrong, and the remedy")
