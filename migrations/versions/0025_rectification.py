"""Rectification: providers, risk assessments, plans with their measures and history, and plans before the panel."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.protect import protect, unforced
from migrations.searchable import not_searchable, searchable
from migrations.subjects import add_subject, remove_subject
from migrations.vocabulary import admit, expel

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Table, and what the application may do on it: what a plan or an assessment lists is saved as a whole.
RIGHTS = {
    "providers": "SELECT, INSERT, UPDATE",
    "risk_assessments": "SELECT, INSERT, UPDATE",
    "risk_findings": "SELECT, INSERT, UPDATE, DELETE",
    "rectification_plans": "SELECT, INSERT, UPDATE",
    "rectification_measures": "SELECT, INSERT, UPDATE, DELETE",
    "rectification_plan_transitions": "SELECT, INSERT",
}
SEARCHED = {
    "providers": ("description",),
    "risk_assessments": ("title",),
    "risk_findings": ("title", "asset"),
    "rectification_plans": ("title",),
    "rectification_measures": ("title", "owner"),
}
SUBJECTS = {
    "risk_assessment_id": "risk_assessments",
    "rectification_plan_id": "rectification_plans",
}
KINDS = (
    "PLAN_SUBMITTED", "PLAN_TO_REVIEW", "PLAN_APPROVED", "PLAN_RETURNED", "RECTIFICATION_COMPLETED",
    "MEASURE_DUE_SOON", "MEASURE_OVERDUE",
)  # fmt: skip
ONE = "num_nonnulls(grading_id, filing_id, rectification_plan_id) = 1"
ONE_BEFORE = "num_nonnulls(grading_id, filing_id) = 1"
PURPOSE_BEFORE = "(purpose = 'GRADING_ADVICE') = (grading_id IS NOT NULL)"
PURPOSE = f"{PURPOSE_BEFORE} AND (purpose = 'PLAN_REVIEW') = (rectification_plan_id IS NOT NULL)"
OPEN = "state <> 'CONCLUDED' AND rectification_plan_id IS NOT NULL"


def upgrade() -> None:
    _tables()
    for table, rights in RIGHTS.items():
        protect(table, rights)
    for table, columns in SEARCHED.items():
        searchable(table, *columns)
    for key, table in SUBJECTS.items():
        add_subject("documents", key, table)
    for table in ("notifications", "notification_preferences"):
        admit(table, "kind", f"ck_{table}_notificationkind", *KINDS)
    op.add_column("panel_cases", sa.Column("rectification_plan_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_panel_cases_tenant_id_rectification_plan_id"),
        "panel_cases",
        "rectification_plans",
        ["tenant_id", "rectification_plan_id"],
        ["tenant_id", "id"],
    )
    key = ["tenant_id", "rectification_plan_id"]
    op.create_index(op.f("ix_panel_cases_tenant_id_rectification_plan_id_id"), "panel_cases", [*key, "id"])
    op.create_index("uq_panel_cases_one_open_plan", "panel_cases", key, unique=True, postgresql_where=OPEN)
    _subjects_of_cases(ONE, PURPOSE)


def downgrade() -> None:
    of_plans = "SELECT id FROM panel_cases WHERE purpose = 'PLAN_REVIEW'"
    belonging = ("opinions", "panel_assignments", "panel_conclusions")
    with unforced("panel_cases", "documents", "papers", *belonging):
        for table in belonging:
            op.execute(f"DELETE FROM {table} WHERE case_id IN ({of_plans})")
        for table in ("documents", "papers"):
            op.execute(f"DELETE FROM {table} WHERE panel_case_id IN ({of_plans})")
        op.execute("DELETE FROM panel_cases WHERE purpose = 'PLAN_REVIEW'")
    _subjects_of_cases(ONE_BEFORE, PURPOSE_BEFORE)
    op.drop_index("uq_panel_cases_one_open_plan", "panel_cases")
    op.drop_column("panel_cases", "rectification_plan_id")
    for table in ("notifications", "notification_preferences"):
        expel(table, "kind", f"ck_{table}_notificationkind", *KINDS)
    for key in reversed(SUBJECTS):
        remove_subject("documents", key)
    for table in reversed(RIGHTS):
        if table in SEARCHED:
            not_searchable(table)
        op.drop_table(table)
    with unforced("search_entries"):
        op.execute(f"DELETE FROM search_entries WHERE kind IN ({', '.join(repr(table) for table in SEARCHED)})")


def _subjects_of_cases(one: str, purpose: str) -> None:
    for name, condition in (("one_subject", one), ("subject_of_purpose", purpose)):
        op.drop_constraint(op.f(f"ck_panel_cases_{name}"), "panel_cases")
        op.create_check_constraint(op.f(f"ck_panel_cases_{name}"), "panel_cases", condition)


def _tables() -> None:
    op.create_table('providers',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('services', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('qualifications', postgresql.JSONB(), nullable=False),
    sa.Column('description', sa.Text(), nullable=True),
    sa.Column('state', sa.Enum('RECOMMENDED', 'WITHDRAWN', name='recommendationstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('recommended_by_id', sa.Uuid(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdraw_reason', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL AND withdraw_reason IS NOT NULL)", name=op.f('ck_providers_withdrawal_has_a_reason')),
    sa.CheckConstraint('cardinality(services) > 0', name=op.f('ck_providers_has_a_service')),
    sa.CheckConstraint('valid_until >= valid_from', name=op.f('ck_providers_validity')),
    sa.ForeignKeyConstraint(['tenant_id', 'organisation_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_providers_tenant_id_organisation_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'recommended_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_providers_tenant_id_recommended_by_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_providers')),
    sa.UniqueConstraint('tenant_id', 'organisation_id', name=op.f('uq_providers_tenant_id_organisation_id'))
    )
    op.create_index(op.f('ix_providers_tenant_id_created_at_id'), 'providers', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_providers_tenant_id_valid_until_id'), 'providers', ['tenant_id', 'valid_until', 'id'], unique=False)
    op.create_table('risk_assessments',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('system_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Enum('RECORDED', 'SUBMITTED', 'DISCARDED', name='riskassessmentstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('assessed_on', sa.Date(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=True),
    sa.Column('severity', sa.Enum('HIGH', 'MEDIUM', 'LOW', name='severity', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('recorded_by_id', sa.Uuid(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state <> 'SUBMITTED' OR submitted_at IS NOT NULL", name=op.f('ck_risk_assessments_submitted_at_known')),
    sa.ForeignKeyConstraint(['tenant_id', 'provider_id'], ['providers.tenant_id', 'providers.id'], name=op.f('fk_risk_assessments_tenant_id_provider_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'recorded_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_risk_assessments_tenant_id_recorded_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_risk_assessments_tenant_id_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_risk_assessments_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_risk_assessments'))
    )
    op.create_index(op.f('ix_risk_assessments_tenant_id_assessed_on_id'), 'risk_assessments', ['tenant_id', 'assessed_on', 'id'], unique=False)
    op.create_index(op.f('ix_risk_assessments_tenant_id_created_at_id'), 'risk_assessments', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_risk_assessments_tenant_id_provider_id_id'), 'risk_assessments', ['tenant_id', 'provider_id', 'id'], unique=False)
    op.create_index(op.f('ix_risk_assessments_tenant_id_state_created_at_id'), 'risk_assessments', ['tenant_id', 'state', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_risk_assessments_tenant_id_system_id_id'), 'risk_assessments', ['tenant_id', 'system_id', 'id'], unique=False)
    op.create_index(op.f('ix_risk_assessments_tenant_id_unit_id_id'), 'risk_assessments', ['tenant_id', 'unit_id', 'id'], unique=False)
    op.create_table('risk_findings',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('risk_assessment_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=True),
    sa.Column('asset', sa.Text(), nullable=True),
    sa.Column('area', sa.Enum('PHYSICAL_ENVIRONMENT', 'COMMUNICATION_NETWORK', 'AREA_BOUNDARY', 'COMPUTING_ENVIRONMENT', 'MANAGEMENT_CENTRE', 'MANAGEMENT_RULES', 'MANAGEMENT_ORGANISATION', 'PERSONNEL', 'CONSTRUCTION_MANAGEMENT', 'OPERATION_MANAGEMENT', name='controlarea', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('severity', sa.Enum('HIGH', 'MEDIUM', 'LOW', name='severity', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('treatment', sa.Enum('MITIGATE', 'AVOID', 'TRANSFER', 'ACCEPT', name='risktreatment', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('treatment_reason', sa.Text(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("treatment <> 'ACCEPT' OR treatment_reason IS NOT NULL", name=op.f('ck_risk_findings_accepted_for_a_reason')),
    sa.ForeignKeyConstraint(['tenant_id', 'risk_assessment_id'], ['risk_assessments.tenant_id', 'risk_assessments.id'], name=op.f('fk_risk_findings_tenant_id_risk_assessment_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_risk_findings'))
    )
    op.create_index(op.f('ix_risk_findings_tenant_id_created_at_id'), 'risk_findings', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_risk_findings_tenant_id_risk_assessment_id_position_id'), 'risk_findings', ['tenant_id', 'risk_assessment_id', 'position', 'id'], unique=False)
    op.create_index(op.f('ix_risk_findings_tenant_id_severity_created_at_id'), 'risk_findings', ['tenant_id', 'severity', 'created_at', 'id'], unique=False)
    op.create_table('rectification_plans',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('system_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('risk_assessment_id', sa.Uuid(), nullable=True),
    sa.Column('panel_case_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Enum('DRAFT', 'SUBMITTED', 'IN_PANEL_REVIEW', 'APPROVED', 'RETURNED', 'IN_PROGRESS', 'COMPLETED', 'DISCARDED', name='planstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=True),
    sa.Column('important', sa.Boolean(), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=True),
    sa.Column('missing_items', postgresql.JSONB(), nullable=False),
    sa.Column('budget', sa.BigInteger(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('next_due_on', sa.Date(), nullable=True),
    sa.Column('progress', sa.SmallInteger(), nullable=False),
    sa.Column('saved_by_id', sa.Uuid(), nullable=False),
    sa.Column('submitted_by_id', sa.Uuid(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reviewed_by_id', sa.Uuid(), nullable=True),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review_reason', sa.Text(), nullable=True),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('completion_note', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'COMPLETED') = (completed_at IS NOT NULL)", name=op.f('ck_rectification_plans_completed_at_known')),
    sa.CheckConstraint("state <> 'IN_PANEL_REVIEW' OR panel_case_id IS NOT NULL", name=op.f('ck_rectification_plans_case_known')),
    sa.CheckConstraint("state <> 'RETURNED' OR review_reason IS NOT NULL", name=op.f('ck_rectification_plans_returned_with_a_reason')),
    sa.CheckConstraint("state IN ('DRAFT', 'DISCARDED') OR submitted_at IS NOT NULL", name=op.f('ck_rectification_plans_submitted_at_known')),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_rectification_plans_level')),
    sa.CheckConstraint('progress BETWEEN 0 AND 100', name=op.f('ck_rectification_plans_progress')),
    sa.ForeignKeyConstraint(['tenant_id', 'reviewed_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_rectification_plans_tenant_id_reviewed_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'risk_assessment_id'], ['risk_assessments.tenant_id', 'risk_assessments.id'], name=op.f('fk_rectification_plans_tenant_id_risk_assessment_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'saved_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_rectification_plans_tenant_id_saved_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'submitted_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_rectification_plans_tenant_id_submitted_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_rectification_plans_tenant_id_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_rectification_plans_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_rectification_plans'))
    )
    op.create_index(op.f('ix_rectification_plans_tenant_id_created_at_id'), 'rectification_plans', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_plans_tenant_id_important_created_at_id'), 'rectification_plans', ['tenant_id', 'important', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_plans_tenant_id_level_created_at_id'), 'rectification_plans', ['tenant_id', 'level', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_plans_tenant_id_next_due_on_id'), 'rectification_plans', ['tenant_id', 'next_due_on', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_plans_tenant_id_risk_assessment_id_id'), 'rectification_plans', ['tenant_id', 'risk_assessment_id', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_plans_tenant_id_state_created_at_id'), 'rectification_plans', ['tenant_id', 'state', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_plans_tenant_id_submitted_at_id'), 'rectification_plans', ['tenant_id', 'submitted_at', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_plans_tenant_id_system_id_id'), 'rectification_plans', ['tenant_id', 'system_id', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_plans_tenant_id_unit_id_id'), 'rectification_plans', ['tenant_id', 'unit_id', 'id'], unique=False)
    op.create_index('uq_rectification_plans_one_open', 'rectification_plans', ['tenant_id', 'system_id'], unique=True, postgresql_where="state NOT IN ('COMPLETED', 'DISCARDED')")
    op.create_table('rectification_measures',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('system_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=True),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('original_due_on', sa.Date(), nullable=True),
    sa.Column('budget', sa.BigInteger(), nullable=False),
    sa.Column('progress', sa.SmallInteger(), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('under_way', sa.Boolean(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('risk_finding_id', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(progress = 100) = (done_at IS NOT NULL)', name=op.f('ck_rectification_measures_done_at_known')),
    sa.CheckConstraint('NOT (under_way AND progress = 100)', name=op.f('ck_rectification_measures_done_is_not_under_way')),
    sa.CheckConstraint('budget >= 0', name=op.f('ck_rectification_measures_budget')),
    sa.CheckConstraint('progress BETWEEN 0 AND 100', name=op.f('ck_rectification_measures_progress')),
    sa.ForeignKeyConstraint(['tenant_id', 'plan_id'], ['rectification_plans.tenant_id', 'rectification_plans.id'], name=op.f('fk_rectification_measures_tenant_id_plan_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'risk_finding_id'], ['risk_findings.tenant_id', 'risk_findings.id'], name=op.f('fk_rectification_measures_tenant_id_risk_finding_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_rectification_measures_tenant_id_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_rectification_measures_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_rectification_measures'))
    )
    op.create_index(op.f('ix_rectification_measures_tenant_id_created_at_id'), 'rectification_measures', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_measures_tenant_id_due_on_id'), 'rectification_measures', ['tenant_id', 'due_on', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_measures_tenant_id_plan_id_position_id'), 'rectification_measures', ['tenant_id', 'plan_id', 'position', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_measures_tenant_id_risk_finding_id_id'), 'rectification_measures', ['tenant_id', 'risk_finding_id', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_measures_tenant_id_system_id_due_on_id'), 'rectification_measures', ['tenant_id', 'system_id', 'due_on', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_measures_tenant_id_under_way_due_on_id'), 'rectification_measures', ['tenant_id', 'under_way', 'due_on', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_measures_tenant_id_unit_id_due_on_id'), 'rectification_measures', ['tenant_id', 'unit_id', 'due_on', 'id'], unique=False)
    op.create_table('rectification_plan_transitions',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('from_state', sa.Enum('DRAFT', 'SUBMITTED', 'IN_PANEL_REVIEW', 'APPROVED', 'RETURNED', 'IN_PROGRESS', 'COMPLETED', 'DISCARDED', name='from_state', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('to_state', sa.Enum('DRAFT', 'SUBMITTED', 'IN_PANEL_REVIEW', 'APPROVED', 'RETURNED', 'IN_PROGRESS', 'COMPLETED', 'DISCARDED', name='to_state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_rectification_plan_transitions_tenant_id_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'plan_id'], ['rectification_plans.tenant_id', 'rectification_plans.id'], name=op.f('fk_rectification_plan_transitions_tenant_id_plan_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_rectification_plan_transitions'))
    )
    op.create_index(op.f('ix_rectification_plan_transitions_tenant_id_plan_id_id'), 'rectification_plan_transitions', ['tenant_id', 'plan_id', 'id'], unique=False)
