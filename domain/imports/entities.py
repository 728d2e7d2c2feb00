"""Imports (批量导入): a file of units, systems or filings being taken in, and what is wrong with its rows."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.access import Role
from domain.base import TenantRow, Versioned, refers, term
from domain.text import Term


class ImportKind(Term):
    """What a file holds (导入内容)."""

    UNITS = "UNITS", "运营使用单位", "units"
    SYSTEMS = "SYSTEMS", "信息系统", "systems"
    FILINGS = "FILINGS", "线下备案", "filings that came by e-mail, courier or document exchange"


class ImportMode(Term):
    """What happens to the rows in order when others are not (导入方式)."""

    ALL_OR_NOTHING = "ALL_OR_NOTHING", "全部或全不", "nothing is imported while anything is wrong"
    ROW_BY_ROW = "ROW_BY_ROW", "逐行导入", "rows in order are imported, the others reported"


class ImportState(Term):
    """Where an import stands (导入状态)."""

    WAITING = "WAITING", "等待中", "its turn has not come"
    RUNNING = "RUNNING", "进行中", "rows are being read"
    INTERRUPTED = "INTERRUPTED", "已中断", "stopped by a fault; it is tried again by itself"
    DONE = "DONE", "已完成", "all rows were dealt with"
    REFUSED = "REFUSED", "未导入", "nothing was imported: the file, or a row where it was all or nothing"
    FAILED = "FAILED", "已放弃", "given up after several faults; what was written row by row stays"


ENDED = (ImportState.DONE, ImportState.REFUSED, ImportState.FAILED)


class ImportRun(Versioned, TenantRow):
    """One file on its way into the platform, for whoever acts under ``membership_id``.

    ``rows_done`` counts the rows that were looked at; ``created``, ``updated`` and ``unchanged`` what came of those in
    order (in a dry run: would have come), ``problem_count`` the problems of the others.
    """

    __tablename__ = "import_runs"

    organisation_id: Mapped[UUID]
    started_by_id: Mapped[UUID]
    membership_id: Mapped[UUID]
    role: Mapped[Role] = mapped_column(term(Role))
    document_id: Mapped[UUID]
    kind: Mapped[ImportKind] = mapped_column(term(ImportKind))
    mode: Mapped[ImportMode] = mapped_column(term(ImportMode))
    dry_run: Mapped[bool]
    state: Mapped[ImportState] = mapped_column(term(ImportState), default=ImportState.WAITING)
    rows_total: Mapped[int | None]
    rows_done: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    problem_count: Mapped[int] = mapped_column(default=0)
    reason_zh: Mapped[str | None]
    reason_en: Mapped[str | None]
    begun_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("organisation_id", "organisations"),
        refers("started_by_id", "users"),
        refers("membership_id", "memberships"),
        refers("document_id", "documents"),
        CheckConstraint("(ended_at IS NOT NULL) = (state IN ('DONE', 'REFUSED', 'FAILED'))", name="ended"),
        CheckConstraint("rows_total IS NULL OR rows_done <= rows_total", name="rows_done"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "organisation_id", "created_at", "id"),
    )


class ImportProblem(TenantRow):
    """One thing that is wrong in a file: in which row, and where it is one cell's, in which column."""

    __tablename__ = "import_problems"

    run_id: Mapped[UUID]
    row_number: Mapped[int]
    column_letter: Mapped[str | None]
    heading_zh: Mapped[str | None]
    heading_en: Mapped[str | None]
    message_zh: Mapped[str]
    message_en: Mapped[str]

    __table_args__ = (
        refers("run_id", "import_runs"),
        CheckConstraint("row_number > 0", name="row_number"),
        Index(None, "tenant_id", "run_id", "row_number", "id"),
    )
