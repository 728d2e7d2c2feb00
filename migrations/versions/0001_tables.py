"""The frame's tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('tenants',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('division_code', sa.Text(), nullable=False),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("division_code ~ '^[0-9]{6}$'", name=op.f('ck_tenants_division_code')),
    sa.CheckConstraint("slug ~ '^[a-z][a-z0-9-]{1,30}$'", name=op.f('ck_tenants_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tenants')),
    sa.UniqueConstraint('slug', name=op.f('uq_tenants_slug'))
    )
    op.create_index('uq_tenants_is_default', 'tenants', ['is_default'], unique=True, postgresql_where='is_default')
    op.create_table('calendar_days',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_calendar_days_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'day', name=op.f('pk_calendar_days'))
    )
    op.create_table('counters',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('series', sa.Text(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_counters_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'series', name=op.f('pk_counters'))
    )
    op.create_table('districts',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('division_code', sa.Text(), nullable=False),
    sa.Column('mailbox', sa.Text(), nullable=True),
    sa.CheckConstraint("division_code ~ '^[0-9]{6}$'", name=op.f('ck_districts_division_code')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_districts_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_districts')),
    sa.UniqueConstraint('tenant_id', 'division_code', name=op.f('uq_districts_tenant_id_division_code'))
    )
    op.create_table('outbox_events',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sequence', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('event', sa.Text(), nullable=False),
    sa.Column('subject_type', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_outbox_events_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_outbox_events'))
    )
    op.create_index(op.f('ix_outbox_events_tenant_id_delivered_at_sequence'), 'outbox_events', ['tenant_id', 'delivered_at', 'sequence'], unique=False)
    op.create_table('policy_rules',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.CheckConstraint("action ~ '^[a-zA-Z]+$'", name=op.f('ck_policy_rules_action')),
    sa.CheckConstraint("subject ~ '^[A-Z_]+([.][A-Z_]+)?$'", name=op.f('ck_policy_rules_subject')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_policy_rules_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'subject', 'action', name=op.f('pk_policy_rules'))
    )
    op.create_table('sign_in_attempts',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('username', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_sign_in_attempts_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_sign_in_attempts'))
    )
    op.create_index(op.f('ix_sign_in_attempts_tenant_id_address_created_at'), 'sign_in_attempts', ['tenant_id', 'address', 'created_at'], unique=False)
    op.create_index(op.f('ix_sign_in_attempts_tenant_id_username_created_at'), 'sign_in_attempts', ['tenant_id', 'username', 'created_at'], unique=False)
    op.create_table('users',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('username', sa.Text(), nullable=False),
    sa.Column('display_name', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{1,60}$'", name=op.f('ck_users_username')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_users_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_users')),
    sa.UniqueConstraint('tenant_id', 'username', name=op.f('uq_users_tenant_id_username'))
    )
    op.create_index(op.f('ix_users_tenant_id_display_name_id'), 'users', ['tenant_id', 'display_name', 'id'], unique=False)
    op.create_table('idempotency_keys',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('input_digest', sa.Text(), nullable=False),
    sa.Column('answer', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'user_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_idempotency_keys_tenant_id_user_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'user_id', 'action', 'key', name=op.f('pk_idempotency_keys'))
    )
    op.create_index(op.f('ix_idempotency_keys_tenant_id_created_at'), 'idempotency_keys', ['tenant_id', 'created_at'], unique=False)
    op.create_table('monthly_returns',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('state', sa.Enum('OPEN', 'SUBMITTED', name='monthlyreturnstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_by_id', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'SUBMITTED') = (submitted_at IS NOT NULL)", name=op.f('ck_monthly_returns_submitted_at_known')),
    sa.CheckConstraint('extract(day FROM month) = 1', name=op.f('ck_monthly_returns_first_of_month')),
    sa.ForeignKeyConstraint(['tenant_id', 'district_id'], ['districts.tenant_id', 'districts.id'], name=op.f('fk_monthly_returns_tenant_id_district_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'submitted_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_monthly_returns_tenant_id_submitted_by_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_monthly_returns')),
    sa.UniqueConstraint('tenant_id', 'district_id', 'month', name=op.f('uq_monthly_returns_tenant_id_district_id_month'))
    )
    op.create_index(op.f('ix_monthly_returns_tenant_id_month_id'), 'monthly_returns', ['tenant_id', 'month', 'id'], unique=False)
    op.create_table('organisations',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.Enum('CITY_OFFICE', 'DISTRICT_OFFICE', 'UNIT', 'ASSESSMENT_BODY', 'PROVIDER', name='organisationkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('credit_code', sa.Text(), nullable=True),
    sa.Column('authority_level', sa.Enum('CITY', 'DISTRICT', name='authoritylevel', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('district_id', sa.Uuid(), nullable=True),
    sa.Column('supervising_unit_id', sa.Uuid(), nullable=True),
    sa.Column('unit_serial', sa.Integer(), nullable=True),
    sa.Column('province', sa.Text(), nullable=True),
    sa.Column('city', sa.Text(), nullable=True),
    sa.Column('county', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('postcode', sa.Text(), nullable=True),
    sa.Column('unit_type', sa.Text(), nullable=True),
    sa.Column('subordination', sa.Text(), nullable=True),
    sa.Column('industry', sa.Text(), nullable=True),
    sa.Column('responsible_department', sa.Text(), nullable=True),
    sa.Column('leader_name', sa.Text(), nullable=True),
    sa.Column('leader_title', sa.Text(), nullable=True),
    sa.Column('leader_phone', sa.Text(), nullable=True),
    sa.Column('leader_email', sa.Text(), nullable=True),
    sa.Column('contact_name', sa.Text(), nullable=True),
    sa.Column('contact_title', sa.Text(), nullable=True),
    sa.Column('contact_phone', sa.Text(), nullable=True),
    sa.Column('contact_mobile', sa.Text(), nullable=True),
    sa.Column('contact_email', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(kind = 'UNIT') = (authority_level IS NOT NULL)", name=op.f('ck_organisations_authority_level_of_units')),
    sa.CheckConstraint("district_id IS NOT NULL OR NOT (kind = 'DISTRICT_OFFICE' OR authority_level = 'DISTRICT')", name=op.f('ck_organisations_district_known')),
    sa.CheckConstraint('supervising_unit_id IS DISTINCT FROM id', name=op.f('ck_organisations_not_its_own_supervisor')),
    sa.ForeignKeyConstraint(['tenant_id', 'district_id'], ['districts.tenant_id', 'districts.id'], name=op.f('fk_organisations_tenant_id_district_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'supervising_unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_organisations_tenant_id_supervising_unit_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_organisations_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_organisations')),
    sa.UniqueConstraint('tenant_id', 'credit_code', name=op.f('uq_organisations_tenant_id_credit_code')),
    sa.UniqueConstraint('tenant_id', 'unit_serial', name=op.f('uq_organisations_tenant_id_unit_serial'))
    )
    op.create_index(op.f('ix_organisations_tenant_id_district_id_authority_level_id'), 'organisations', ['tenant_id', 'district_id', 'authority_level', 'id'], unique=False)
    op.create_index(op.f('ix_organisations_tenant_id_kind_name_id'), 'organisations', ['tenant_id', 'kind', 'name', 'id'], unique=False)
    op.create_index(op.f('ix_organisations_tenant_id_name_id'), 'organisations', ['tenant_id', 'name', 'id'], unique=False)
    op.create_index(op.f('ix_organisations_tenant_id_supervising_unit_id_id'), 'organisations', ['tenant_id', 'supervising_unit_id', 'id'], unique=False)
    op.create_table('sign_in_sessions',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('refresh_digest', sa.Text(), nullable=False),
    sa.Column('former_digest', sa.Text(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_because', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'user_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_sign_in_sessions_tenant_id_user_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_sign_in_sessions')),
    sa.UniqueConstraint('tenant_id', 'refresh_digest', name=op.f('uq_sign_in_sessions_tenant_id_refresh_digest'))
    )
    op.create_index(op.f('ix_sign_in_sessions_tenant_id_former_digest'), 'sign_in_sessions', ['tenant_id', 'former_digest'], unique=False)
    op.create_index(op.f('ix_sign_in_sessions_tenant_id_user_id'), 'sign_in_sessions', ['tenant_id', 'user_id'], unique=False)
    op.create_table('audit_events',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('membership_id', sa.Uuid(), nullable=True),
    sa.Column('organisation_id', sa.Uuid(), nullable=True),
    sa.Column('subject_type', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'organisation_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_audit_events_tenant_id_organisation_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_audit_events_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_audit_events'))
    )
    op.create_index(op.f('ix_audit_events_tenant_id_created_at_id'), 'audit_events', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_audit_events_tenant_id_organisation_id_created_at_id'), 'audit_events', ['tenant_id', 'organisation_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_audit_events_tenant_id_subject_type_subject_id_id'), 'audit_events', ['tenant_id', 'subject_type', 'subject_id', 'id'], unique=False)
    op.create_index(op.f('ix_audit_events_tenant_id_user_id_created_at_id'), 'audit_events', ['tenant_id', 'user_id', 'created_at', 'id'], unique=False)
    op.create_table('memberships',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('CITY_OFFICE', 'DISTRICT_OFFICE', 'UNIT', 'EXPERT', 'ASSESSOR', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('duties', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('cardinality(duties) > 0', name=op.f('ck_memberships_has_a_duty')),
    sa.ForeignKeyConstraint(['tenant_id', 'organisation_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_memberships_tenant_id_organisation_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'user_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_memberships_tenant_id_user_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_memberships'))
    )
    op.create_index(op.f('ix_memberships_tenant_id_organisation_id'), 'memberships', ['tenant_id', 'organisation_id'], unique=False)
    op.create_index(op.f('ix_memberships_tenant_id_user_id'), 'memberships', ['tenant_id', 'user_id'], unique=False)
    op.create_table('systems',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('system_serial', sa.Integer(), nullable=True),
    sa.Column('important', sa.Boolean(), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=True),
    sa.Column('security_mark', sa.Text(), nullable=True),
    sa.Column('current_grading_id', sa.Uuid(), nullable=True),
    sa.Column('current_filing_id', sa.Uuid(), nullable=True),
    sa.Column('next_assessment_due_on', sa.Date(), nullable=True),
    sa.Column('parent_system_id', sa.Uuid(), nullable=True),
    sa.Column('in_service_on', sa.Date(), nullable=True),
    sa.Column('retired_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_systems_level')),
    sa.CheckConstraint('parent_system_id IS DISTINCT FROM id', name=op.f('ck_systems_not_its_own_parent')),
    sa.ForeignKeyConstraint(['tenant_id', 'parent_system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_systems_tenant_id_parent_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_systems_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_systems')),
    sa.UniqueConstraint('tenant_id', 'unit_id', 'code', name=op.f('uq_systems_tenant_id_unit_id_code')),
    sa.UniqueConstraint('tenant_id', 'unit_id', 'system_serial', name=op.f('uq_systems_tenant_id_unit_id_system_serial'))
    )
    op.create_index(op.f('ix_systems_tenant_id_created_at_id'), 'systems', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_systems_tenant_id_level_id'), 'systems', ['tenant_id', 'level', 'id'], unique=False)
    op.create_index(op.f('ix_systems_tenant_id_name_id'), 'systems', ['tenant_id', 'name', 'id'], unique=False)
    op.create_index(op.f('ix_systems_tenant_id_parent_system_id_id'), 'systems', ['tenant_id', 'parent_system_id', 'id'], unique=False)
    op.create_index(op.f('ix_systems_tenant_id_unit_id_id'), 'systems', ['tenant_id', 'unit_id', 'id'], unique=False)
    op.create_table('assessments',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('system_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('body_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('PLANNED', 'COMMISSIONED', 'IN_PROGRESS', 'REPORT_UPLOADED', 'CONFIRMED', 'RECEIVED', 'RETURNED', 'DECLINED', 'CANCELLED', name='assessmentstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('level BETWEEN 2 AND 5', name=op.f('ck_assessments_level')),
    sa.ForeignKeyConstraint(['tenant_id', 'body_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_assessments_tenant_id_body_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_assessments_tenant_id_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_assessments_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_assessments'))
    )
    op.create_index(op.f('ix_assessments_tenant_id_body_id_id'), 'assessments', ['tenant_id', 'body_id', 'id'], unique=False)
    op.create_index(op.f('ix_assessments_tenant_id_created_at_id'), 'assessments', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_assessments_tenant_id_system_id_id'), 'assessments', ['tenant_id', 'system_id', 'id'], unique=False)
    op.create_index(op.f('ix_assessments_tenant_id_unit_id_id'), 'assessments', ['tenant_id', 'unit_id', 'id'], unique=False)
    op.create_table('gradings',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('system_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('DRAFT', 'IN_EXPERT_REVIEW', 'AWAITING_APPROVAL', 'CONFIRMED', 'SUPERSEDED', name='gradingstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('matrix', sa.Text(), nullable=False),
    sa.Column('business_information', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('business_information_level', sa.SmallInteger(), nullable=False),
    sa.Column('system_service', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('system_service_level', sa.SmallInteger(), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('security_mark', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=True),
    sa.Column('reason_against_opinion', sa.Text(), nullable=True),
    sa.Column('saved_by_id', sa.Uuid(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by_id', sa.Uuid(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('business_information_level BETWEEN 1 AND 5', name=op.f('ck_gradings_business_information_level')),
    sa.CheckConstraint('level = greatest(business_information_level, system_service_level)', name=op.f('ck_gradings_level')),
    sa.CheckConstraint('system_service_level BETWEEN 1 AND 5', name=op.f('ck_gradings_system_service_level')),
    sa.ForeignKeyConstraint(['tenant_id', 'confirmed_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_gradings_tenant_id_confirmed_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'saved_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_gradings_tenant_id_saved_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_gradings_tenant_id_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_gradings_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_gradings'))
    )
    op.create_index(op.f('ix_gradings_tenant_id_created_at_id'), 'gradings', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_gradings_tenant_id_state_created_at_id'), 'gradings', ['tenant_id', 'state', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_gradings_tenant_id_system_id_created_at_id'), 'gradings', ['tenant_id', 'system_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_gradings_tenant_id_unit_id_id'), 'gradings', ['tenant_id', 'unit_id', 'id'], unique=False)
    op.create_index('uq_gradings_confirmed', 'gradings', ['tenant_id', 'system_id'], unique=True, postgresql_where="state = 'CONFIRMED'")
    op.create_table('filings',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('system_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('grading_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('state', sa.Enum('DRAFT', 'SUBMITTED', 'RECEIVED', 'UNDER_REVIEW', 'INCOMPLETE', 'RE_REVIEW', 'LEVEL_ADJUSTMENT', 'ACCEPTED', 'WITHDRAWN', 'CANCELLED', 'REPLACED', name='filingstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('channel', sa.Enum('ONLINE', 'EMAIL', 'COURIER', 'DOCUMENT_EXCHANGE', name='filingchannel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('authority', sa.Enum('CITY', 'DISTRICT', name='authoritylevel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=True),
    sa.Column('form_edition', sa.Text(), nullable=False),
    sa.Column('form', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('missing_items', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('saved_by_id', sa.Uuid(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review_started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review_due_on', sa.Date(), nullable=True),
    sa.Column('review_due_provisional', sa.Boolean(), nullable=False),
    sa.Column('replied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('monthly_return_id', sa.Uuid(), nullable=True),
    sa.Column('replaces_id', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(authority = 'DISTRICT') = (district_id IS NOT NULL)", name=op.f('ck_filings_district_of_authority')),
    sa.CheckConstraint("state <> 'ACCEPTED' OR number IS NOT NULL", name=op.f('ck_filings_accepted_has_a_number')),
    sa.CheckConstraint("state <> 'UNDER_REVIEW' OR review_due_on IS NOT NULL", name=op.f('ck_filings_review_has_a_due_date')),
    sa.CheckConstraint("state = 'DRAFT' OR submitted_at IS NOT NULL", name=op.f('ck_filings_submitted_at_known')),
    sa.CheckConstraint('level BETWEEN 2 AND 5', name=op.f('ck_filings_level')),
    sa.ForeignKeyConstraint(['tenant_id', 'district_id'], ['districts.tenant_id', 'districts.id'], name=op.f('fk_filings_tenant_id_district_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'grading_id'], ['gradings.tenant_id', 'gradings.id'], name=op.f('fk_filings_tenant_id_grading_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'monthly_return_id'], ['monthly_returns.tenant_id', 'monthly_returns.id'], name=op.f('fk_filings_tenant_id_monthly_return_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'replaces_id'], ['filings.tenant_id', 'filings.id'], name=op.f('fk_filings_tenant_id_replaces_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'saved_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_filings_tenant_id_saved_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_filings_tenant_id_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_filings_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_filings')),
    sa.UniqueConstraint('tenant_id', 'number', name=op.f('uq_filings_tenant_id_number'))
    )
    op.create_index(op.f('ix_filings_tenant_id_created_at_id'), 'filings', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_filings_tenant_id_district_id_submitted_at_id'), 'filings', ['tenant_id', 'district_id', 'submitted_at', 'id'], unique=False)
    op.create_index(op.f('ix_filings_tenant_id_monthly_return_id_id'), 'filings', ['tenant_id', 'monthly_return_id', 'id'], unique=False)
    op.create_index(op.f('ix_filings_tenant_id_review_due_on_id'), 'filings', ['tenant_id', 'review_due_on', 'id'], unique=False)
    op.create_index(op.f('ix_filings_tenant_id_state_review_due_on_id'), 'filings', ['tenant_id', 'state', 'review_due_on', 'id'], unique=False)
    op.create_index(op.f('ix_filings_tenant_id_state_submitted_at_id'), 'filings', ['tenant_id', 'state', 'submitted_at', 'id'], unique=False)
    op.create_index(op.f('ix_filings_tenant_id_submitted_at_id'), 'filings', ['tenant_id', 'submitted_at', 'id'], unique=False)
    op.create_index(op.f('ix_filings_tenant_id_system_id_created_at_id'), 'filings', ['tenant_id', 'system_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_filings_tenant_id_unit_id_created_at_id'), 'filings', ['tenant_id', 'unit_id', 'created_at', 'id'], unique=False)
    op.create_index('uq_filings_one_open', 'filings', ['tenant_id', 'system_id'], unique=True, postgresql_where="state IN ('DRAFT','SUBMITTED','RECEIVED','UNDER_REVIEW','INCOMPLETE','RE_REVIEW','LEVEL_ADJUSTMENT')")
    op.create_table('documents',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('uploaded_by_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('FILING_ARCHIVE', 'GRADING_REPORT', 'TOPOLOGY', 'ORGANISATION_AND_RULES', 'PROTECTION_PLAN', 'PRODUCT_LIST', 'ASSESSMENT_REPORT', 'EXPERT_OPINION', 'SUPERIOR_APPROVAL', 'RECTIFICATION_PLAN', 'RISK_ASSESSMENT_REPORT', 'INSPECTION_EVIDENCE', 'REPLY_LETTER', 'OPINION_DOCUMENT', 'OTHER', name='documentkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('filename', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('object_key', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('AWAITING_UPLOAD', 'STORED', 'REJECTED', name='documentstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('scan', sa.Enum('PENDING', 'CLEAN', 'INFECTED', 'SKIPPED', name='scanstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stored_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('filing_id', sa.Uuid(), nullable=True),
    sa.Column('attached_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("filing_id IS NULL OR state = 'STORED'", name=op.f('ck_documents_attached_is_stored')),
    sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f('ck_documents_sha256')),
    sa.CheckConstraint('size > 0', name=op.f('ck_documents_size')),
    sa.ForeignKeyConstraint(['tenant_id', 'filing_id'], ['filings.tenant_id', 'filings.id'], name=op.f('fk_documents_tenant_id_filing_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'owner_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_documents_tenant_id_owner_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'uploaded_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_documents_tenant_id_uploaded_by_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_documents'))
    )
    op.create_index(op.f('ix_documents_tenant_id_filing_id_id'), 'documents', ['tenant_id', 'filing_id', 'id'], unique=False)
    op.create_index(op.f('ix_documents_tenant_id_owner_id_id'), 'documents', ['tenant_id', 'owner_id', 'id'], unique=False)
    op.create_index(op.f('ix_documents_tenant_id_state_expires_at'), 'documents', ['tenant_id', 'state', 'expires_at'], unique=False)
    op.create_table('filing_transitions',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('filing_id', sa.Uuid(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('from_state', sa.Enum('DRAFT', 'SUBMITTED', 'RECEIVED', 'UNDER_REVIEW', 'INCOMPLETE', 'RE_REVIEW', 'LEVEL_ADJUSTMENT', 'ACCEPTED', 'WITHDRAWN', 'CANCELLED', 'REPLACED', name='from_state', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('to_state', sa.Enum('DRAFT', 'SUBMITTED', 'RECEIVED', 'UNDER_REVIEW', 'INCOMPLETE', 'RE_REVIEW', 'LEVEL_ADJUSTMENT', 'ACCEPTED', 'WITHDRAWN', 'CANCELLED', 'REPLACED', name='to_state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_filing_transitions_tenant_id_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'filing_id'], ['filings.tenant_id', 'filings.id'], name=op.f('fk_filing_transitions_tenant_id_filing_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_filing_transitions'))
    )
    op.create_index(op.f('ix_filing_transitions_tenant_id_filing_id_id'), 'filing_transitions', ['tenant_id', 'filing_id', 'id'], unique=False)
    op.create_table('panel_cases',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('purpose', sa.Enum('GRADING_ADVICE', 'FILING_RE_REVIEW', 'PLAN_REVIEW', name='panelpurpose', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('OPEN', 'CONCLUDED', name='panelcasestate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('system_id', sa.Uuid(), nullable=False),
    sa.Column('grading_id', sa.Uuid(), nullable=True),
    sa.Column('filing_id', sa.Uuid(), nullable=True),
    sa.Column('concluded_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'CONCLUDED') = (concluded_at IS NOT NULL)", name=op.f('ck_panel_cases_concluded_at_known')),
    sa.CheckConstraint('num_nonnulls(grading_id, filing_id) = 1', name=op.f('ck_panel_cases_one_subject')),
    sa.ForeignKeyConstraint(['tenant_id', 'filing_id'], ['filings.tenant_id', 'filings.id'], name=op.f('fk_panel_cases_tenant_id_filing_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'grading_id'], ['gradings.tenant_id', 'gradings.id'], name=op.f('fk_panel_cases_tenant_id_grading_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'system_id'], ['systems.tenant_id', 'systems.id'], name=op.f('fk_panel_cases_tenant_id_system_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_panel_cases_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_panel_cases'))
    )
    op.create_index(op.f('ix_panel_cases_tenant_id_created_at_id'), 'panel_cases', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_panel_cases_tenant_id_filing_id_id'), 'panel_cases', ['tenant_id', 'filing_id', 'id'], unique=False)
    op.create_index(op.f('ix_panel_cases_tenant_id_grading_id_id'), 'panel_cases', ['tenant_id', 'grading_id', 'id'], unique=False)
    op.create_index(op.f('ix_panel_cases_tenant_id_system_id_id'), 'panel_cases', ['tenant_id', 'system_id', 'id'], unique=False)
    op.create_index(op.f('ix_panel_cases_tenant_id_unit_id_id'), 'panel_cases', ['tenant_id', 'unit_id', 'id'], unique=False)
    op.create_table('reply_letters',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('filing_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('A', 'B', 'C', name='replykind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('DRAFT', 'ISSUED', 'RETURNED', name='replystate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('missing_items', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('verification_code', sa.Text(), nullable=True),
    sa.Column('drafted_by_id', sa.Uuid(), nullable=False),
    sa.Column('issued_by_id', sa.Uuid(), nullable=True),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('return_reason', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'ISSUED') = (number IS NOT NULL AND verification_code IS NOT NULL AND issued_by_id IS NOT NULL AND issued_at IS NOT NULL)", name=op.f('ck_reply_letters_issued_is_complete')),
    sa.CheckConstraint("kind <> 'B' OR cardinality(missing_items) > 0", name=op.f('ck_reply_letters_b_names_what_is_missing')),
    sa.CheckConstraint('issued_by_id IS DISTINCT FROM drafted_by_id', name=op.f('ck_reply_letters_issued_by_another_person')),
    sa.ForeignKeyConstraint(['tenant_id', 'drafted_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_reply_letters_tenant_id_drafted_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'filing_id'], ['filings.tenant_id', 'filings.id'], name=op.f('fk_reply_letters_tenant_id_filing_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'issued_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_reply_letters_tenant_id_issued_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'unit_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_reply_letters_tenant_id_unit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_reply_letters')),
    sa.UniqueConstraint('tenant_id', 'number', name=op.f('uq_reply_letters_tenant_id_number'))
    )
    op.create_index(op.f('ix_reply_letters_tenant_id_filing_id_id'), 'reply_letters', ['tenant_id', 'filing_id', 'id'], unique=False)
    op.create_index(op.f('ix_reply_letters_tenant_id_unit_id_state_id'), 'reply_letters', ['tenant_id', 'unit_id', 'state', 'id'], unique=False)
    op.create_index('uq_reply_letters_one_draft', 'reply_letters', ['tenant_id', 'filing_id'], unique=True, postgresql_where="state = 'DRAFT'")
    op.create_table('panel_assignments',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('expert_id', sa.Uuid(), nullable=False),
    sa.Column('conflict_declared_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'case_id'], ['panel_cases.tenant_id', 'panel_cases.id'], name=op.f('fk_panel_assignments_tenant_id_case_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'expert_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_panel_assignments_tenant_id_expert_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_panel_assignments')),
    sa.UniqueConstraint('tenant_id', 'case_id', 'expert_id', name=op.f('uq_panel_assignments_tenant_id_case_id_expert_id'))
    )
    op.create_index(op.f('ix_panel_assignments_tenant_id_expert_id_case_id'), 'panel_assignments', ['tenant_id', 'expert_id', 'case_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_panel_assignments_tenant_id_expert_id_case_id'), table_name='panel_assignments')
    op.drop_table('panel_assignments')
    op.drop_index('uq_reply_letters_one_draft', table_name='reply_letters', postgresql_where="state = 'DRAFT'")
    op.drop_index(op.f('ix_reply_letters_tenant_id_unit_id_state_id'), table_name='reply_letters')
    op.drop_index(op.f('ix_reply_letters_tenant_id_filing_id_id'), table_name='reply_letters')
    op.drop_table('reply_letters')
    op.drop_index(op.f('ix_panel_cases_tenant_id_unit_id_id'), table_name='panel_cases')
    op.drop_index(op.f('ix_panel_cases_tenant_id_system_id_id'), table_name='panel_cases')
    op.drop_index(op.f('ix_panel_cases_tenant_id_grading_id_id'), table_name='panel_cases')
    op.drop_index(op.f('ix_panel_cases_tenant_id_filing_id_id'), table_name='panel_cases')
    op.drop_index(op.f('ix_panel_cases_tenant_id_created_at_id'), table_name='panel_cases')
    op.drop_table('panel_cases')
    op.drop_index(op.f('ix_filing_transitions_tenant_id_filing_id_id'), table_name='filing_transitions')
    op.drop_table('filing_transitions')
    op.drop_index(op.f('ix_documents_tenant_id_state_expires_at'), table_name='documents')
    op.drop_index(op.f('ix_documents_tenant_id_owner_id_id'), table_name='documents')
    op.drop_index(op.f('ix_documents_tenant_id_filing_id_id'), table_name='documents')
    op.drop_table('documents')
    op.drop_index('uq_filings_one_open', table_name='filings', postgresql_where="state IN ('DRAFT','SUBMITTED','RECEIVED','UNDER_REVIEW','INCOMPLETE','RE_REVIEW','LEVEL_ADJUSTMENT')")
    op.drop_index(op.f('ix_filings_tenant_id_unit_id_created_at_id'), table_name='filings')
    op.drop_index(op.f('ix_filings_tenant_id_system_id_created_at_id'), table_name='filings')
    op.drop_index(op.f('ix_filings_tenant_id_submitted_at_id'), table_name='filings')
    op.drop_index(op.f('ix_filings_tenant_id_state_submitted_at_id'), table_name='filings')
    op.drop_index(op.f('ix_filings_tenant_id_state_review_due_on_id'), table_name='filings')
    op.drop_index(op.f('ix_filings_tenant_id_review_due_on_id'), table_name='filings')
    op.drop_index(op.f('ix_filings_tenant_id_monthly_return_id_id'), table_name='filings')
    op.drop_index(op.f('ix_filings_tenant_id_district_id_submitted_at_id'), table_name='filings')
    op.drop_index(op.f('ix_filings_tenant_id_created_at_id'), table_name='filings')
    op.drop_table('filings')
    op.drop_index('uq_gradings_confirmed', table_name='gradings', postgresql_where="state = 'CONFIRMED'")
    op.drop_index(op.f('ix_gradings_tenant_id_unit_id_id'), table_name='gradings')
    op.drop_index(op.f('ix_gradings_tenant_id_system_id_created_at_id'), table_name='gradings')
    op.drop_index(op.f('ix_gradings_tenant_id_state_created_at_id'), table_name='gradings')
    op.drop_index(op.f('ix_gradings_tenant_id_created_at_id'), table_name='gradings')
    op.drop_table('gradings')
    op.drop_index(op.f('ix_assessments_tenant_id_unit_id_id'), table_name='assessments')
    op.drop_index(op.f('ix_assessments_tenant_id_system_id_id'), table_name='assessments')
    op.drop_index(op.f('ix_assessments_tenant_id_created_at_id'), table_name='assessments')
    op.drop_index(op.f('ix_assessments_tenant_id_body_id_id'), table_name='assessments')
    op.drop_table('assessments')
    op.drop_index(op.f('ix_systems_tenant_id_unit_id_id'), table_name='systems')
    op.drop_index(op.f('ix_systems_tenant_id_parent_system_id_id'), table_name='systems')
    op.drop_index(op.f('ix_systems_tenant_id_name_id'), table_name='systems')
    op.drop_index(op.f('ix_systems_tenant_id_level_id'), table_name='systems')
    op.drop_index(op.f('ix_systems_tenant_id_created_at_id'), table_name='systems')
    op.drop_table('systems')
    op.drop_index(op.f('ix_memberships_tenant_id_user_id'), table_name='memberships')
    op.drop_index(op.f('ix_memberships_tenant_id_organisation_id'), table_name='memberships')
    op.drop_table('memberships')
    op.drop_index(op.f('ix_audit_events_tenant_id_user_id_created_at_id'), table_name='audit_events')
    op.drop_index(op.f('ix_audit_events_tenant_id_subject_type_subject_id_id'), table_name='audit_events')
    op.drop_index(op.f('ix_audit_events_tenant_id_organisation_id_created_at_id'), table_name='audit_events')
    op.drop_index(op.f('ix_audit_events_tenant_id_created_at_id'), table_name='audit_events')
    op.drop_table('audit_events')
    op.drop_index(op.f('ix_sign_in_sessions_tenant_id_user_id'), table_name='sign_in_sessions')
    op.drop_index(op.f('ix_sign_in_sessions_tenant_id_former_digest'), table_name='sign_in_sessions')
    op.drop_table('sign_in_sessions')
    op.drop_index(op.f('ix_organisations_tenant_id_supervising_unit_id_id'), table_name='organisations')
    op.drop_index(op.f('ix_organisations_tenant_id_name_id'), table_name='organisations')
    op.drop_index(op.f('ix_organisations_tenant_id_kind_name_id'), table_name='organisations')
    op.drop_index(op.f('ix_organisations_tenant_id_district_id_authority_level_id'), table_name='organisations')
    op.drop_table('organisations')
    op.drop_index(op.f('ix_monthly_returns_tenant_id_month_id'), table_name='monthly_returns')
    op.drop_table('monthly_returns')
    op.drop_index(op.f('ix_idempotency_keys_tenant_id_created_at'), table_name='idempotency_keys')
    op.drop_table('idempotency_keys')
    op.drop_index(op.f('ix_users_tenant_id_display_name_id'), table_name='users')
    op.drop_table('users')
    op.drop_index(op.f('ix_sign_in_attempts_tenant_id_username_created_at'), table_name='sign_in_attempts')
    op.drop_index(op.f('ix_sign_in_attempts_tenant_id_address_created_at'), table_name='sign_in_attempts')
    op.drop_table('sign_in_attempts')
    op.drop_table('policy_rules')
    op.drop_index(op.f('ix_outbox_events_tenant_id_delivered_at_sequence'), table_name='outbox_events')
    op.drop_table('outbox_events')
    op.drop_table('districts')
    op.drop_table('counters')
    op.drop_table('calendar_days')
    op.drop_index('uq_tenants_is_default', table_name='tenants', postgresql_where='is_default')
    op.drop_table('tenants')
