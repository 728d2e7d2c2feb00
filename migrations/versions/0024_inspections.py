"""Inspections: campaigns, batches, findings, orders and responses; self-inspections; what systems carry of them."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import protect, unforced
from migrations.searchable import not_searchable, searchable
from migrations.subjects import add_subject, remove_subject
from migrations.vocabulary import admit, expel

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = {
    "inspection_campaigns": "SELECT, INSERT, UPDATE",
    "campaign_partners": "SELECT, INSERT, DELETE",
    # Proposals are forgotten when others take their place.
    "inspection_batches": "SELECT, INSERT, UPDATE, DELETE",
    "inspections": "SELECT, INSERT, UPDATE, DELETE",
    "inspection_findings": "SELECT, INSERT, UPDATE",
    "rectification_orders": "SELECT, INSERT, UPDATE",
    "order_responses": "SELECT, INSERT, UPDATE",
    "overdue_notices": "SELECT, INSERT",
    "self_inspections": "SELECT, INSERT, UPDATE",
    "self_inspection_answers": "SELECT, INSERT, UPDATE",
}
OF_DOCUMENTS = {
    "inspection_id": "inspections",
    "rectification_order_id": "rectification_orders",
    "order_response_id": "order_responses",
    "inspection_campaign_id": "inspection_campaigns",
    "self_inspection_id": "self_inspections",
}
OF_PAPERS = {key: OF_DOCUMENTS[key] for key in ("rectification_order_id", "inspection_campaign_id")}
PAPERS = {"rectification_order_id": "RECTIFICATION_ORDER", "inspection_campaign_id": "INSPECTION_REPORT"}
TOLD = (
    "INSPECTION_NOTIFIED", "INSPECTION_MOVED", "ORDER_DRAFTED", "ORDER_RETURNED", "ORDER_ISSUED", "ORDER_RESPONDED",
    "RESPONSE_RETURNED", "INSPECTION_CLOSED", "ORDER_DUE_SOON", "ORDER_OVERDUE", "CAMPAIGN_PUBLISHED",
    "SELF_INSPECTION_DUE_SOON", "SELF_INSPECTION_OVERDUE", "SELF_INSPECTION_SUBMITTED",
)  # fmt: skip
OF_SYSTEMS = ("important_since", "last_inspected_on", "inspection_due_on", "next_inspection_on")


def upgrade() -> None:
    _systems()
    _tables()
    for table, rights in TABLES.items():
        protect(table, rights)
    searchable("inspection_campaigns", "title", "report_number")
    for table in ("documents", "papers"):
        admit(table, "kind", f"ck_{table}_documentkind", *PAPERS.values())
    for table in ("notifications", "notification_preferences"):
        admit(table, "kind", f"ck_{table}_notificationkind", *TOLD)
    for table, subjects in (("documents", OF_DOCUMENTS), ("papers", OF_PAPERS)):
        for key, target in subjects.items():
            add_subject(table, key, target)
    for key, kind in PAPERS.items():
        op.create_index(
            f"uq_documents_{key}_paper",
            "documents",
            ["tenant_id", key, "media_type"],
            unique=True,
            postgresql_where=f"kind = '{kind}'",
        )


def downgrade() -> None:
    for table in ("notifications", "notification_preferences"):
        expel(table, "kind", f"ck_{table}_notificationkind", *TOLD)
    for key in PAPERS:
        op.drop_index(f"uq_documents_{key}_paper", "documents")
    for table in ("papers", "documents"):
        expel(table, "kind", f"ck_{table}_documentkind", *PAPERS.values())
    for table, subjects in (("papers", OF_PAPERS), ("documents", OF_DOCUMENTS)):
        for key in subjects:
            remove_subject(table, key)
    not_searchable("inspection_campaigns")
    for table in reversed(TABLES):
        op.drop_table(table)
    for column in OF_SYSTEMS:
        op.drop_column("systems", column)


def _systems() -> None:
    """A system that is important already is so from now on, as far as inspections are concerned."""
    for column in OF_SYSTEMS:
        op.add_column("systems", sa.Column(column, sa.Date()))
    with unforced("systems"):
        op.execute(
            "UPDATE systems SET important_since = current_date, "
            "inspection_due_on = (current_date + interval '24 months' - interval '1 day')::date WHERE important"
        )
    op.create_check_constraint(
        op.f("ck_systems_important_since_known"), "systems", "important = (important_since IS NOT NULL)"
    )
    op.create_check_constraint(
        op.f("ck_systems_inspection_due_if_important"), "systems", "important = (inspection_due_on IS NOT NULL)"
    )
    op.create_index(
        op.f("ix_systems_tenant_id_inspection_due_on_id"), "systems", ["tenant_id", "inspection_due_on", "id"]
    )


def _tables() -> None:
    op.create_table('inspection_campaigns',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.Enum('JOINT_ENFORCEMENT', 'ROLLING_TWO_YEAR', name='campaignkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('state', sa.Enum('OPEN', 'PUBLISHED', name='campaignstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('created_by_id', sa.Uuid(), nullable=False),
    sa.Column('report_number', sa.Text(), nullable=True),
    sa.Column('report_summary', sa.Text(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by_id', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'PUBLISHED') = (published_at IS NOT NULL)", name=op.f('ck_inspection_campaigns_published_at_known')),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_inspection_campaigns_span')),
    sa.ForeignKeyConstraint(['tenant_id', 'created_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_inspection_campaigns_tenant_id_created_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'published_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_inspection_campaigns_tenant_id_published_by_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_inspection_campaigns')),
    sa.UniqueConstraint('tenant_id', 'kind', 'year', name=op.f('uq_inspection_campaigns_tenant_id_kind_year')),
    sa.UniqueConstraint('tenant_id', 'report_number', name=op.f('uq_inspection_campaigns_tenant_id_report_number'))
    )
    op.create_index(op.f('ix_inspection_campaigns_tenant_id_created_at_id'), 'inspection_campaigns', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_inspection_campaigns_tenant_id_year_id'), 'inspection_campaigns', ['tenant_id', 'year', 'id'], unique=False)
    op.create_table('campaign_partners',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('contact', sa.Text(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'campaign_id'], ['inspection_campaigns.tenant_id', 'inspection_campaigns.id'], name=op.f('fk_campaign_partners_tenant_id_campaign_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_campaign_partners')),
    sa.UniqueConstraint('tenant_id', 'campaign_id', 'name', name=op.f('uq_campaign_partners_tenant_id_campaign_id_name'))
    )
    op.create_table('inspection_batches',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('state', sa.Enum('PROPOSED', 'SCHEDULED', name='batchstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('EXTRACT(day FROM month) = 1', name=op.f('ck_inspection_batches_month_is_a_first_day')),
    sa.ForeignKeyConstraint(['tenant_id', 'campaign_id'], ['inspection_campaigns.tenant_id', 'inspection_campaigns.id'], name=op.f('fk_inspection_batches_tenant_id_campaign_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_inspection_batches'))
    )
    op.create_index(op.f('ix_inspection_batches_tenant_id_campaign_id_month_id'), 'inspection_batches', ['tenant_id', 'campaign_id', 'month', 'id'], unique=False)
    op.create_table('inspections',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('batch_id', sa.Uuid(), nullable=True),
    sa.Column('system_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=True),
    sa.Column('level', sa.SmallInteger(), nullable=True),
    sa.Column('state', sa.Enum('PROPOSED', 'SCHEDULED', 'IN_PROGRESS', 'ORDER_ISSUED', 'RESPONDED', 'CLOSED', 'CANCELLED', name='inspectionstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('inspectors', sa.Text(), nullable=True),
    sa.Column('edition', sa.Text(), nullable=False),
    sa.Column('notified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('inspected_on', sa.Date(), nullable=True),
    sa.Column('order_issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('response_due_on', sa.Date(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Uuid(), nullable=True),
    sa.Column('remark', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(inspected_on IS NULL) = (state IN ('PROPOSED', 'SCHEDULED', 'CANCELLED'))", name=op.f('ck_inspections_inspected_on_known')),
    sa.CheckConstraint("(state = 'CLOSED') = (closed_at IS NOT NULL)", name=op.f('ck_inspections_closed_at_known')),
    sa.CheckConstraint('(order_issued_at IS NULL) = (response_due_on IS NULL)', name=op.f('ck_inspections_order_has_a_deadline')),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_inspections_level')),
    sa.ForeignKeyConstraint(['tenant_id', 'batch_id'], ['inspection_batches.tenant_id', 'inspection_batches.id'], name=op.f('fk_inspections_tenant_id_batch_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'campaign_id'], ['inspection_campaigns.tenant_id', 'inspection_campaigns.id'], name=op.f('fk_inspections_tenant_id_campaign_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'closed_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_inspections_tenant_id_closed_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'district_id'], ['districts.tenant_id', 'districts.id'], name=op.f('fk_inspections_tenant_id_district_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_inspections_tenant_id_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_inspections_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_inspections'))
    )
    op.create_index(op.f('ix_inspections_tenant_id_batch_id_planned_on_id'), 'inspections', ['tenant_id', 'batch_id', 'planned_on', 'id'], unique=False)
    op.create_index(op.f('ix_inspections_tenant_id_campaign_id_planned_on_id'), 'inspections', ['tenant_id', 'campaign_id', 'planned_on', 'id'], unique=False)
    op.create_index(op.f('ix_inspections_tenant_id_created_at_id'), 'inspections', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_inspections_tenant_id_district_id_planned_on_id'), 'inspections', ['tenant_id', 'district_id', 'planned_on', 'id'], unique=False)
    op.create_index(op.f('ix_inspections_tenant_id_planned_on_id'), 'inspections', ['tenant_id', 'planned_on', 'id'], unique=False)
    op.create_index(op.f('ix_inspections_tenant_id_response_due_on_id'), 'inspections', ['tenant_id', 'response_due_on', 'id'], unique=False)
    op.create_index(op.f('ix_inspections_tenant_id_state_planned_on_id'), 'inspections', ['tenant_id', 'state', 'planned_on', 'id'], unique=False)
    op.create_index(op.f('ix_inspections_tenant_id_system_id_planned_on_id'), 'inspections', ['tenant_id', 'system_id', 'planned_on', 'id'], unique=False)
    op.create_index(op.f('ix_inspections_tenant_id_unit_id_planned_on_id'), 'inspections', ['tenant_id', 'unit_id', 'planned_on', 'id'], unique=False)
    op.create_index('uq_inspections_one_ahead', 'inspections', ['tenant_id', 'campaign_id', 'system_id'], unique=True, postgresql_where="state IN ('PROPOSED', 'SCHEDULED')")
    op.create_table('inspection_findings',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('inspection_id', sa.Uuid(), nullable=False),
    sa.Column('item', sa.Text(), nullable=False),
    sa.Column('area', sa.Enum('PHYSICAL_ENVIRONMENT', 'COMMUNICATION_NETWORK', 'AREA_BOUNDARY', 'COMPUTING_ENVIRONMENT', 'MANAGEMENT_CENTRE', 'MANAGEMENT_RULES', 'MANAGEMENT_ORGANISATION', 'PERSONNEL', 'CONSTRUCTION_MANAGEMENT', 'OPERATION_MANAGEMENT', name='controlarea', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('result', sa.Enum('CONFORMING', 'PARTLY', 'NON_CONFORMING', 'NOT_APPLICABLE', name='itemresult', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('severity', sa.Enum('HIGH', 'MEDIUM', 'LOW', name='severity', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('recorded_by_id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("(result IN ('PARTLY', 'NON_CONFORMING')) = (severity IS NOT NULL AND text IS NOT NULL)", name=op.f('ck_inspection_findings_wanting_says_what')),
    sa.ForeignKeyConstraint(['tenant_id', 'inspection_id'], ['inspections.tenant_id', 'inspections.id'], name=op.f('fk_inspection_findings_tenant_id_inspection_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'recorded_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_inspection_findings_tenant_id_recorded_by_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_inspection_findings')),
    sa.UniqueConstraint('tenant_id', 'inspection_id', 'item', name=op.f('uq_inspection_findings_tenant_id_inspection_id_item'))
    )
    op.create_table('rectification_orders',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('inspection_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('DRAFT', 'ISSUED', 'RETURNED', name='orderstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('demands', sa.Text(), nullable=True),
    sa.Column('working_days', sa.Integer(), nullable=False),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('verification_code', sa.Text(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('due_provisional', sa.Boolean(), nullable=False),
    sa.Column('drafted_by_id', sa.Uuid(), nullable=False),
    sa.Column('issued_by_id', sa.Uuid(), nullable=True),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('return_reason', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'ISSUED') = (number IS NOT NULL AND verification_code IS NOT NULL AND issued_at IS NOT NULL AND issued_by_id IS NOT NULL AND due_on IS NOT NULL)", name=op.f('ck_rectification_orders_issued_is_complete')),
    sa.CheckConstraint("(state = 'RETURNED') = (return_reason IS NOT NULL)", name=op.f('ck_rectification_orders_return_reason_known')),
    sa.CheckConstraint('issued_by_id IS NULL OR issued_by_id <> drafted_by_id', name=op.f('ck_rectification_orders_another_person_issues')),
    sa.CheckConstraint('working_days > 0', name=op.f('ck_rectification_orders_working_days')),
    sa.ForeignKeyConstraint(['tenant_id', 'drafted_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_rectification_orders_tenant_id_drafted_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'inspection_id'], ['inspections.tenant_id', 'inspections.id'], name=op.f('fk_rectification_orders_tenant_id_inspection_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'issued_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_rectification_orders_tenant_id_issued_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_rectification_orders_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_rectification_orders')),
    sa.UniqueConstraint('tenant_id', 'number', name=op.f('uq_rectification_orders_tenant_id_number'))
    )
    op.create_index(op.f('ix_rectification_orders_tenant_id_inspection_id_id'), 'rectification_orders', ['tenant_id', 'inspection_id', 'id'], unique=False)
    op.create_index(op.f('ix_rectification_orders_tenant_id_unit_id_id'), 'rectification_orders', ['tenant_id', 'unit_id', 'id'], unique=False)
    op.create_index('uq_rectification_orders_one_in_force', 'rectification_orders', ['tenant_id', 'inspection_id'], unique=True, postgresql_where="state <> 'RETURNED'")
    op.create_table('order_responses',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('inspection_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('responded_by_id', sa.Uuid(), nullable=False),
    sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('return_reason', sa.Text(), nullable=True),
    sa.CheckConstraint('(returned_at IS NULL) = (return_reason IS NULL)', name=op.f('ck_order_responses_return_has_a_reason')),
    sa.ForeignKeyConstraint(['tenant_id', 'inspection_id'], ['inspections.tenant_id', 'inspections.id'], name=op.f('fk_order_responses_tenant_id_inspection_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'responded_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_order_responses_tenant_id_responded_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_order_responses_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_order_responses'))
    )
    op.create_index(op.f('ix_order_responses_tenant_id_inspection_id_id'), 'order_responses', ['tenant_id', 'inspection_id', 'id'], unique=False)
    op.create_table('overdue_notices',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('inspection_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('system_id', sa.Uuid(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'inspection_id'], ['inspections.tenant_id', 'inspections.id'], name=op.f('fk_overdue_notices_tenant_id_inspection_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_overdue_notices_tenant_id_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_overdue_notices_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_overdue_notices')),
    sa.UniqueConstraint('tenant_id', 'inspection_id', 'due_on', name=op.f('uq_overdue_notices_tenant_id_inspection_id_due_on'))
    )
    op.create_index(op.f('ix_overdue_notices_tenant_id_created_at_id'), 'overdue_notices', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_overdue_notices_tenant_id_unit_id_created_at_id'), 'overdue_notices', ['tenant_id', 'unit_id', 'created_at', 'id'], unique=False)
    op.create_table('self_inspections',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('system_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=True),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('period_starts_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('edition', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('DRAFT', 'SUBMITTED', name='selfinspectionstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('items', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=True),
    sa.Column('saved_by_id', sa.Uuid(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_by_id', sa.Uuid(), nullable=True),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'SUBMITTED') = (submitted_at IS NOT NULL)", name=op.f('ck_self_inspections_submitted_at_known')),
    sa.CheckConstraint('answered BETWEEN 0 AND items', name=op.f('ck_self_inspections_answered')),
    sa.CheckConstraint('due_on >= period_starts_on', name=op.f('ck_self_inspections_period')),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_self_inspections_level')),
    sa.ForeignKeyConstraint(['tenant_id', 'district_id'], ['districts.tenant_id', 'districts.id'], name=op.f('fk_self_inspections_tenant_id_district_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'saved_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_self_inspections_tenant_id_saved_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'submitted_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_self_inspections_tenant_id_submitted_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_self_inspections_tenant_id_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_self_inspections_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_self_inspections')),
    sa.UniqueConstraint('tenant_id', 'system_id', 'period_starts_on', name=op.f('uq_self_inspections_tenant_id_system_id_period_starts_on'))
    )
    op.create_index(op.f('ix_self_inspections_tenant_id_created_at_id'), 'self_inspections', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_self_inspections_tenant_id_district_id_due_on_id'), 'self_inspections', ['tenant_id', 'district_id', 'due_on', 'id'], unique=False)
    op.create_index(op.f('ix_self_inspections_tenant_id_due_on_id'), 'self_inspections', ['tenant_id', 'due_on', 'id'], unique=False)
    op.create_index(op.f('ix_self_inspections_tenant_id_state_due_on_id'), 'self_inspections', ['tenant_id', 'state', 'due_on', 'id'], unique=False)
    op.create_index(op.f('ix_self_inspections_tenant_id_unit_id_due_on_id'), 'self_inspections', ['tenant_id', 'unit_id', 'due_on', 'id'], unique=False)
    op.create_table('self_inspection_answers',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('self_inspection_id', sa.Uuid(), nullable=False),
    sa.Column('item', sa.Text(), nullable=False),
    sa.Column('area', sa.Enum('PHYSICAL_ENVIRONMENT', 'COMMUNICATION_NETWORK', 'AREA_BOUNDARY', 'COMPUTING_ENVIRONMENT', 'MANAGEMENT_CENTRE', 'MANAGEMENT_RULES', 'MANAGEMENT_ORGANISATION', 'PERSONNEL', 'CONSTRUCTION_MANAGEMENT', 'OPERATION_MANAGEMENT', name='controlarea', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('result', sa.Enum('CONFORMING', 'PARTLY', 'NON_CONFORMING', 'NOT_APPLICABLE', name='itemresult', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.CheckConstraint("result NOT IN ('PARTLY', 'NON_CONFORMING') OR text IS NOT NULL", name=op.f('ck_self_inspection_answers_wanting_says_what')),
    sa.ForeignKeyConstraint(['tenant_id', 'self_inspection_id'], ['self_inspections.tenant_id', 'self_inspections.id'], name=op.f('fk_self_inspection_answers_tenant_id_self_inspection_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_self_inspection_answers')),
    sa.UniqueConstraint('tenant_id', 'self_inspection_id', 'item', name=op.f('uq_self_inspection_answers_tenant_id_self_inspection_id_item'))
    )
