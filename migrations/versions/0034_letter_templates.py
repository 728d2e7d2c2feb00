"""A city's own templates of papers; papers of the same prefix and year are numbered in one series."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.protect import protect, unforced

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KINDS = (
    "REPLY_A", "REPLY_B", "REPLY_C", "GRADING_REPORT", "OPINION_ON_GRADING", "OPINION_ON_FILING", "OPINION_ON_PLAN",
    "ASSESSMENT_RECEIPT", "RECTIFICATION_ORDER", "CAMPAIGN_REPORT", "PROGRAMME_REPORT",
)  # fmt: skip
# Series as they were called, and the prefix that their numbers bear behind the city's name.
SERIES = {
    "reply:A": "信息办备复",
    "reply:B": "信息办备补",
    "reply:C": "信息办备审",
    "opinion:GRADING_ADVICE": "等保专评定",
    "opinion:FILING_RE_REVIEW": "等保专评复",
    "opinion:PLAN_REVIEW": "等保专评改",
    "rectification-order": "信息办责改",
    "inspection-report:JOINT_ENFORCEMENT": "信息办检执",
    "inspection-report:ROLLING_TWO_YEAR": "信息办检评",
}
CITY = "regexp_replace(city.name, '市$', '')"
YEAR = "substring(c.series from '[0-9]{4}')"


def upgrade() -> None:
    op.create_table(
        "letter_templates",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="letterkind", native_enum=False, length=40, create_constraint=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text(), none_as_null=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_letter_templates_version")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "changed_by_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_letter_templates_tenant_id_changed_by_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_letter_templates")),
        sa.UniqueConstraint("tenant_id", "kind", "version", name=op.f("uq_letter_templates_tenant_id_kind_version")),
    )
    protect("letter_templates", "SELECT, INSERT")
    op.add_column("documents", sa.Column("template", sa.Text(), nullable=True))
    with unforced("counters", "tenants"):
        for former, prefix in SERIES.items():
            _rename(f"c.series LIKE '{former}:%'", f"'letter:' || {CITY} || '{prefix}〔' || {YEAR} || '〕'")


def downgrade() -> None:
    with unforced("counters", "tenants"):
        for former, prefix in SERIES.items():
            _rename(f"c.series LIKE 'letter:' || {CITY} || '{prefix}〔%'", f"'{former}:' || {YEAR}")
    op.drop_column("documents", "template")
    op.drop_table("letter_templates")


def _rename(which: str, name: str) -> None:
    op.execute(
        f"UPDATE counters AS c SET series = {name} FROM tenants AS city WHERE city.id = c.tenant_id AND {which}"  # noqa: S608
    )
