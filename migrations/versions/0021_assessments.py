"""Assessment bodies and their accreditation; level assessments with milestones, reports, findings; yearly plans."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.protect import protect, unforced
from migrations.searchable import not_searchable, searchable
from migrations.subjects import add_subject, remove_subject
from migrations.vocabulary import admit, expel

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

RIGHTS = {
    "assessment_plans": "SELECT, INSERT, UPDATE",
    "assessment_bodies": "SELECT, INSERT, UPDATE",
    "accreditation_changes": "SELECT, INSERT",
    "assessment_milestones": "SELECT, INSERT, UPDATE",
    "assessment_reports": "SELECT, INSERT, UPDATE",
    "assessment_transitions": "SELECT, INSERT",
    "assessment_findings": "SELECT, INSERT, UPDATE",
}
KINDS = (
    "ASSESSMENT_COMMISSIONED",
    "ASSESSMENT_ORGANISED",
    "ASSESSMENT_ACCEPTED",
    "ASSESSMENT_DECLINED",
    "ASSESSMENT_CANCELLED",
    "ASSESSMENT_REPORT_UPLOADED",
    "ASSESSMENT_REPORT_CONFIRMED",
    "ASSESSMENT_REPORT_RECEIVED",
    "ASSESSMENT_REPORT_RETURNED",
    "ACCREDITATION_CHANGED",
    "ACCREDITATION_EXPIRING",
    "ASSESSMENT_DUE",
    "ASSESSMENT_OVERDUE",
)
KIND = "ASSESSMENT_RECEIPT"
# Columns that follow the tenant in an index of assessments, and of systems; "id" comes last.
INDEXES = (
    ("body_id", "created_at"),
    ("district_id", "created_at"),
    ("due_on",),
    ("important", "due_on"),
    ("important", "state", "due_on"),
    ("level", "created_at"),
    ("plan_id",),
    ("state", "created_at"),
    ("state", "due_on"),
    ("system_id", "created_at"),
    ("unit_id", "created_at"),
)
REPLACED_INDEXES = (("system_id",), ("unit_id",))
OF_SYSTEMS = (("next_assessment_due_on",), ("important", "next_assessment_due_on"))
REFERENCES = {"plan_id": "assessment_plans", "commissioned_by_id": "users", "district_id": "districts"}
CHECKS = {
    "assessmentorganiser": "organised_by IN ('UNIT', 'CITY_OFFICE')",
    "authoritylevel": "authority IN ('CITY', 'DISTRICT')",
    "organiser_of_level": "(organised_by = 'UNIT') = (level = 2)",
    "district_of_authority": "(authority = 'DISTRICT') = (district_id IS NOT NULL)",
    "body_known": "body_id IS NOT NULL OR state IN ('PLANNED', 'CANCELLED')",
    "progress": "progress BETWEEN 0 AND 100",
    "closed_for_a_reason": "(state IN ('DECLINED', 'CANCELLED')) = (closed_reason IS NOT NULL)",
}
# What a city already has is of the demo: nothing made an assessment before.
FILL = """
    UPDATE assessments SET organised_by = CASE assessments.level WHEN 2 THEN 'UNIT' ELSE 'CITY_OFFICE' END,
      authority = u.authority_level, district_id = CASE u.authority_level WHEN 'DISTRICT' THEN u.district_id END,
      important = s.important, closed_reason = CASE WHEN state IN ('DECLINED', 'CANCELLED') THEN '未说明' END
    FROM organisations u, systems s
    WHERE u.tenant_id = assessments.tenant_id AND u.id = assessments.unit_id
      AND s.tenant_id = assessments.tenant_id AND s.id = assessments.system_id
"""


def upgrade() -> None:
    _bodies()
    _of_assessments()
    _reports()
    _assessments()
    for table, rights in RIGHTS.items():
        protect(table, rights)
    for columns in OF_SYSTEMS:
        _index("systems", columns)
    for table in ("documents", "papers"):
        add_subject(table, "assessment_report_id", "assessment_reports")
        admit(table, "kind", f"ck_{table}_documentkind", KIND)
    op.create_index(
        "uq_documents_assessment_report_id_paper",
        "documents",
        ["tenant_id", "assessment_report_id", "media_type"],
        unique=True,
        postgresql_where=sa.text(f"kind = '{KIND}'"),
    )
    for table in ("notifications", "notification_preferences"):
        admit(table, "kind", f"ck_{table}_notificationkind", *KINDS)
    searchable("assessments", "number")
    searchable("assessment_bodies", "body_code", "accreditation_number")
    searchable("assessment_findings", "title", "description")


def downgrade() -> None:
    not_searchable("assessment_findings")
    not_searchable("assessment_bodies")
    not_searchable("assessments")
    with unforced("search_entries"):
        op.execute(
            "DELETE FROM search_entries WHERE kind IN ('assessments', 'assessment_bodies', 'assessment_findings')"
        )
    for table in ("notifications", "notification_preferences"):
        expel(table, "kind", f"ck_{table}_notificationkind", *KINDS)
    op.drop_index("uq_documents_assessment_report_id_paper", "documents")
    for table in ("papers", "documents"):
        remove_subject(table, "assessment_report_id")
        expel(table, "kind", f"ck_{table}_documentkind", KIND)
    for columns in OF_SYSTEMS:
        op.drop_index(_name("systems", columns))
    _assessments_as_they_were()
    for table in reversed(RIGHTS):
        op.drop_table(table)


def _bodies() -> None:
    op.create_table(
        "assessment_plans",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("adopted_by_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2999", name=op.f("ck_assessment_plans_year")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "adopted_by_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_assessment_plans_tenant_id_adopted_by_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_assessment_plans")),
        sa.UniqueConstraint("tenant_id", "year", name=op.f("uq_assessment_plans_tenant_id_year")),
    )
    op.create_table(
        "assessment_bodies",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body_code", sa.Text(), nullable=False),
        sa.Column("accreditation_number", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("levels", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "RECTIFYING",
                "SUSPENDED",
                "REVOKED",
                "EXPIRED",
                name="accreditationstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("senior_assessors", sa.Integer(), nullable=False),
        sa.Column("intermediate_assessors", sa.Integer(), nullable=False),
        sa.Column("junior_assessors", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("body_code ~ '^[0-9]{4}$'", name=op.f("ck_assessment_bodies_body_code")),
        sa.CheckConstraint(
            "status IN ('ACTIVE', 'RECTIFYING', 'SUSPENDED', 'REVOKED')",
            name=op.f("ck_assessment_bodies_status_decided"),
        ),
        sa.CheckConstraint(
            "least(senior_assessors, intermediate_assessors, junior_assessors) >= 0",
            name=op.f("ck_assessment_bodies_staff"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(accreditation_number, valid_from, valid_to, status) IN (0, 4)",
            name=op.f("ck_assessment_bodies_accreditation_whole"),
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_assessment_bodies_term")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["organisations.tenant_id", "organisations.id"],
            name=op.f("fk_assessment_bodies_tenant_id_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_assessment_bodies")),
        sa.UniqueConstraint(
            "tenant_id", "accreditation_number", name=op.f("uq_assessment_bodies_tenant_id_accreditation_number")
        ),
        sa.UniqueConstraint("tenant_id", "body_code", name=op.f("uq_assessment_bodies_tenant_id_body_code")),
    )
    op.create_index(
        op.f("ix_assessment_bodies_tenant_id_created_at_id"),
        "assessment_bodies",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_bodies_tenant_id_valid_to_id"),
        "assessment_bodies",
        ["tenant_id", "valid_to", "id"],
        unique=False,
    )
    op.create_table(
        "accreditation_changes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("accreditation_number", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("levels", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "RECTIFYING",
                "SUSPENDED",
                "REVOKED",
                "EXPIRED",
                name="accreditationstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("senior_assessors", sa.Integer(), nullable=False),
        sa.Column("intermediate_assessors", sa.Integer(), nullable=False),
        sa.Column("junior_assessors", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('ACTIVE', 'RECTIFYING', 'SUSPENDED', 'REVOKED')",
            name=op.f("ck_accreditation_changes_status_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "body_id"],
            ["assessment_bodies.tenant_id", "assessment_bodies.id"],
            name=op.f("fk_accreditation_changes_tenant_id_body_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "by_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_accreditation_changes_tenant_id_by_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_accreditation_changes")),
    )
    op.create_index(
        op.f("ix_accreditation_changes_tenant_id_body_id_id"),
        "accreditation_changes",
        ["tenant_id", "body_id", "id"],
        unique=False,
    )


def _of_assessments() -> None:
    op.create_table(
        "assessment_milestones",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "milestone",
            sa.Enum(
                "PREPARED",
                "PLAN_AGREED",
                "ON_SITE_STARTED",
                "ON_SITE_DONE",
                "REPORT_DRAFTED",
                name="assessmentmilestone",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reached_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assessment_id"],
            ["assessments.tenant_id", "assessments.id"],
            name=op.f("fk_assessment_milestones_tenant_id_assessment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "by_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_assessment_milestones_tenant_id_by_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_assessment_milestones")),
        sa.UniqueConstraint(
            "tenant_id",
            "assessment_id",
            "milestone",
            name=op.f("uq_assessment_milestones_tenant_id_assessment_id_milestone"),
        ),
    )
    op.create_table(
        "assessment_transitions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column(
            "from_state",
            sa.Enum(
                "PLANNED",
                "COMMISSIONED",
                "IN_PROGRESS",
                "REPORT_UPLOADED",
                "CONFIRMED",
                "RECEIVED",
                "RETURNED",
                "DECLINED",
                "CANCELLED",
                name="from_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_state",
            sa.Enum(
                "PLANNED",
                "COMMISSIONED",
                "IN_PROGRESS",
                "REPORT_UPLOADED",
                "CONFIRMED",
                "RECEIVED",
                "RETURNED",
                "DECLINED",
                "CANCELLED",
                name="to_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assessment_id"],
            ["assessments.tenant_id", "assessments.id"],
            name=op.f("fk_assessment_transitions_tenant_id_assessment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "by_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_assessment_transitions_tenant_id_by_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_assessment_transitions")),
    )
    op.create_index(
        op.f("ix_assessment_transitions_tenant_id_assessment_id_id"),
        "assessment_transitions",
        ["tenant_id", "assessment_id", "id"],
        unique=False,
    )


def _reports() -> None:
    op.create_table(
        "assessment_reports",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column(
            "vocabulary",
            sa.Enum(
                "TEMPLATE_2007",
                "TEMPLATE_2015",
                "TEMPLATE_2019",
                "TEMPLATE_2025",
                name="conclusionvocabulary",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "conclusion",
            sa.Enum(
                "CONFORMING",
                "BASICALLY_CONFORMING",
                "NON_CONFORMING",
                "EXCELLENT",
                "GOOD",
                "FAIR",
                "POOR",
                name="conclusion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("conformity_rate", sa.Integer(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("uploaded_by_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by_id", sa.Uuid(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL)",
            name=op.f("ck_assessment_reports_confirmed_by_somebody"),
        ),
        sa.CheckConstraint(
            "(received_at IS NULL) = (received_by_id IS NULL)", name=op.f("ck_assessment_reports_received_by_somebody")
        ),
        sa.CheckConstraint(
            "(returned_at IS NULL) = (return_reason IS NULL)", name=op.f("ck_assessment_reports_returned_for_a_reason")
        ),
        sa.CheckConstraint(
            "coalesce(received_at, returned_at) IS NULL OR confirmed_at IS NOT NULL",
            name=op.f("ck_assessment_reports_confirmed"),
        ),
        sa.CheckConstraint("conformity_rate BETWEEN 0 AND 10000", name=op.f("ck_assessment_reports_conformity_rate")),
        sa.CheckConstraint(
            "num_nonnulls(received_at, returned_at) <= 1", name=op.f("ck_assessment_reports_received_or_returned")
        ),
        sa.CheckConstraint("num_nonnulls(score, conformity_rate) <= 1", name=op.f("ck_assessment_reports_one_figure")),
        sa.CheckConstraint("score BETWEEN 0 AND 10000", name=op.f("ck_assessment_reports_score")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assessment_id"],
            ["assessments.tenant_id", "assessments.id"],
            name=op.f("fk_assessment_reports_tenant_id_assessment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "confirmed_by_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_assessment_reports_tenant_id_confirmed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "received_by_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_assessment_reports_tenant_id_received_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "system_id"],
            ["systems.tenant_id", "systems.id"],
            name=op.f("fk_assessment_reports_tenant_id_system_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["organisations.tenant_id", "organisations.id"],
            name=op.f("fk_assessment_reports_tenant_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "uploaded_by_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_assessment_reports_tenant_id_uploaded_by_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_assessment_reports")),
    )
    op.create_index(
        op.f("ix_assessment_reports_tenant_id_assessment_id_id"),
        "assessment_reports",
        ["tenant_id", "assessment_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_reports_tenant_id_system_id_id"),
        "assessment_reports",
        ["tenant_id", "system_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_reports_tenant_id_unit_id_id"),
        "assessment_reports",
        ["tenant_id", "unit_id", "id"],
        unique=False,
    )
    op.create_table(
        "assessment_findings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "area",
            sa.Enum(
                "PHYSICAL_ENVIRONMENT",
                "COMMUNICATION_NETWORK",
                "AREA_BOUNDARY",
                "COMPUTING_ENVIRONMENT",
                "MANAGEMENT_CENTRE",
                "MANAGEMENT_RULES",
                "MANAGEMENT_ORGANISATION",
                "PERSONNEL",
                "CONSTRUCTION_MANAGEMENT",
                "OPERATION_MANAGEMENT",
                name="controlarea",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "severity",
            sa.Enum("HIGH", "MEDIUM", "LOW", name="severity", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("suggestion", sa.Text(), nullable=True),
        sa.Column("repeats_id", sa.Uuid(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_report_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_report_id IS NULL)",
            name=op.f("ck_assessment_findings_closed_by_a_report"),
        ),
        sa.CheckConstraint("NOT open OR closed_at IS NULL", name=op.f("ck_assessment_findings_open_or_closed")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "closed_by_report_id"],
            ["assessment_reports.tenant_id", "assessment_reports.id"],
            name=op.f("fk_assessment_findings_tenant_id_closed_by_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "repeats_id"],
            ["assessment_findings.tenant_id", "assessment_findings.id"],
            name=op.f("fk_assessment_findings_tenant_id_repeats_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "report_id"],
            ["assessment_reports.tenant_id", "assessment_reports.id"],
            name=op.f("fk_assessment_findings_tenant_id_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "system_id"],
            ["systems.tenant_id", "systems.id"],
            name=op.f("fk_assessment_findings_tenant_id_system_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["organisations.tenant_id", "organisations.id"],
            name=op.f("fk_assessment_findings_tenant_id_unit_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_assessment_findings")),
    )
    op.create_index(
        op.f("ix_assessment_findings_tenant_id_area_created_at_id"),
        "assessment_findings",
        ["tenant_id", "area", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_findings_tenant_id_created_at_id"),
        "assessment_findings",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_findings_tenant_id_open_severity_created_at_id"),
        "assessment_findings",
        ["tenant_id", "open", "severity", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_findings_tenant_id_report_id_place_id"),
        "assessment_findings",
        ["tenant_id", "report_id", "place", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_findings_tenant_id_severity_created_at_id"),
        "assessment_findings",
        ["tenant_id", "severity", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_findings_tenant_id_system_id_open_created_at_id"),
        "assessment_findings",
        ["tenant_id", "system_id", "open", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assessment_findings_tenant_id_unit_id_created_at_id"),
        "assessment_findings",
        ["tenant_id", "unit_id", "created_at", "id"],
        unique=False,
    )


def _assessments() -> None:
    """More is known of an assessment; those that are there are of their unit's authority and level."""
    for name in ("organised_by", "authority"):
        op.add_column("assessments", sa.Column(name, sa.String(40), nullable=True))
    for name in ("district_id", "plan_id", "report_id", "commissioned_by_id"):
        op.add_column("assessments", sa.Column(name, sa.Uuid(), nullable=True))
    for name in ("number", "closed_reason"):
        op.add_column("assessments", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("assessments", sa.Column("important", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("assessments", sa.Column("progress", sa.Integer(), server_default="0", nullable=False))
    op.add_column("assessments", sa.Column("funding", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("assessments", sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
    with unforced("assessments", "organisations", "systems"):
        op.execute(FILL)
    for name in ("organised_by", "authority"):
        op.alter_column("assessments", name, nullable=False)
    for name in ("important", "progress"):
        op.alter_column("assessments", name, server_default=None)
    op.alter_column("assessments", "body_id", nullable=True)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_assessments_{name}"), "assessments", condition)
    for column, target in REFERENCES.items():
        _refer("assessments", column, target)
    op.create_unique_constraint(op.f("uq_assessments_tenant_id_number"), "assessments", ["tenant_id", "number"])
    for columns in REPLACED_INDEXES:
        op.drop_index(_name("assessments", columns))
    for columns in INDEXES:
        _index("assessments", columns)
    op.create_index(
        "uq_assessments_one_open",
        "assessments",
        ["tenant_id", "system_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('RECEIVED', 'DECLINED', 'CANCELLED')"),
    )


def _assessments_as_they_were() -> None:
    with unforced("assessments", *reversed(RIGHTS)):
        for table in ("assessment_findings", "assessment_reports", "assessment_milestones", "assessment_transitions"):
            op.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        op.execute("DELETE FROM assessments WHERE body_id IS NULL")
    op.drop_index("uq_assessments_one_open", "assessments")
    op.drop_constraint(op.f("uq_assessments_tenant_id_number"), "assessments")
    for columns in INDEXES:
        op.drop_index(_name("assessments", columns))
    for columns in REPLACED_INDEXES:
        _index("assessments", columns)
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_assessments_{name}"), "assessments")
    op.alter_column("assessments", "body_id", nullable=False)
    for name in (
        *("organised_by", "authority", "district_id", "plan_id", "commissioned_by_id", "number", "closed_reason"),
        *("report_id", "important", "progress", "funding", "accepted_at"),
    ):
        op.drop_column("assessments", name)


def _refer(table: str, column: str, target: str) -> None:
    op.create_foreign_key(
        op.f(f"fk_{table}_tenant_id_{column}"), table, target, ["tenant_id", column], ["tenant_id", "id"]
    )


def _name(table: str, columns: tuple[str, ...]) -> str:
    return op.f(f"ix_{table}_tenant_id_{'_'.join(columns)}_id")


def _index(table: str, columns: tuple[str, ...]) -> None:
    op.create_index(_name(table, columns), table, ["tenant_id", *columns, "id"])
