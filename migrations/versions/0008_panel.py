"""The expert panel: appointments, sessions, opinions, conclusions; gradings with advice and approval; settings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.protect import protect, unforced

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATES = "'OPEN', 'IN_REVIEW', 'OPINIONS_IN', 'CONCLUDED'"
FORMER_STATES = "'OPEN', 'CONCLUDED'"
PURPOSE = "(purpose = 'GRADING_ADVICE') = (grading_id IS NOT NULL)"
SUBJECTS = "filing_id, inquiry_message_id, grading_id, panel_case_id"
FORMER_SUBJECTS = "filing_id, inquiry_message_id"
CHAIR = "NOT is_chair OR (conflict_declared_at IS NULL AND released_at IS NULL)"
# Table, and what the application may do on it.
RIGHTS = {
    "tenant_settings": "SELECT, INSERT, UPDATE",
    "panel_sessions": "SELECT, INSERT, UPDATE",
    "expert_appointments": "SELECT, INSERT, UPDATE",
    "grading_transitions": "SELECT, INSERT",
    "opinions": "SELECT, INSERT",
    "panel_conclusions": "SELECT, INSERT",
}


def upgrade() -> None:
    op.create_table('tenant_settings',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('panel_quorum', sa.Integer(), nullable=False),
    sa.Column('panel_majority', sa.Enum('SIMPLE', 'TWO_THIRDS', name='majority', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('panel_tie_rule', sa.Enum('HIGHER_LEVEL', 'NO_CONCLUSION', name='tierule', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('grading_matrix', sa.Enum('GB_T_22240_2008', 'GA_T_1389_2017', 'REPORT_TEMPLATE_2025', name='matrixedition', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('id = tenant_id', name=op.f('ck_tenant_settings_one_a_tenant')),
    sa.CheckConstraint('panel_quorum BETWEEN 1 AND 99', name=op.f('ck_tenant_settings_panel_quorum')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_tenant_settings_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_tenant_settings'))
    )
    op.create_table('panel_sessions',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('purpose', sa.Enum('GRADING_ADVICE', 'FILING_RE_REVIEW', 'PLAN_REVIEW', name='panelpurpose', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('PLANNED', 'CONCLUDED', name='panelsessionstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('place', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('created_by_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'created_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_panel_sessions_tenant_id_created_by_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_panel_sessions'))
    )
    op.create_index(op.f('ix_panel_sessions_tenant_id_created_at_id'), 'panel_sessions', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_panel_sessions_tenant_id_held_on_id'), 'panel_sessions', ['tenant_id', 'held_on', 'id'], unique=False)
    op.create_index(op.f('ix_panel_sessions_tenant_id_state_held_on_id'), 'panel_sessions', ['tenant_id', 'state', 'held_on', 'id'], unique=False)
    op.create_table('expert_appointments',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('fields', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('employer_id', sa.Uuid(), nullable=True),
    sa.Column('employer_name', sa.Text(), nullable=True),
    sa.Column('appointed_by_id', sa.Uuid(), nullable=False),
    sa.Column('dismissed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dismissal_reason', sa.Text(), nullable=True),
    sa.CheckConstraint('(dismissed_at IS NULL) = (dismissal_reason IS NULL)', name=op.f('ck_expert_appointments_dismissal_has_a_reason')),
    sa.CheckConstraint('cardinality(fields) > 0', name=op.f('ck_expert_appointments_has_a_field')),
    sa.CheckConstraint('valid_until >= valid_from', name=op.f('ck_expert_appointments_term')),
    sa.ForeignKeyConstraint(['tenant_id', 'appointed_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_expert_appointments_tenant_id_appointed_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'employer_id'], ['organisations.tenant_id', 'organisations.id'], name=op.f('fk_expert_appointments_tenant_id_employer_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'user_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_expert_appointments_tenant_id_user_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_expert_appointments'))
    )
    op.create_index(op.f('ix_expert_appointments_tenant_id_created_at_id'), 'expert_appointments', ['tenant_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_expert_appointments_tenant_id_user_id_valid_from_id'), 'expert_appointments', ['tenant_id', 'user_id', 'valid_from', 'id'], unique=False)
    op.create_index(op.f('ix_expert_appointments_tenant_id_valid_until_id'), 'expert_appointments', ['tenant_id', 'valid_until', 'id'], unique=False)
    op.create_table('grading_transitions',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('grading_id', sa.Uuid(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('from_state', sa.Enum('DRAFT', 'IN_EXPERT_REVIEW', 'AWAITING_APPROVAL', 'CONFIRMED', 'SUPERSEDED', name='from_state', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('to_state', sa.Enum('DRAFT', 'IN_EXPERT_REVIEW', 'AWAITING_APPROVAL', 'CONFIRMED', 'SUPERSEDED', name='to_state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_grading_transitions_tenant_id_by_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'grading_id'], ['gradings.tenant_id', 'gradings.id'], name=op.f('fk_grading_transitions_tenant_id_grading_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_grading_transitions'))
    )
    op.create_index(op.f('ix_grading_transitions_tenant_id_grading_id_id'), 'grading_transitions', ['tenant_id', 'grading_id', 'id'], unique=False)
    op.create_table('opinions',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('expert_id', sa.Uuid(), nullable=False),
    sa.Column('recommended_level', sa.SmallInteger(), nullable=True),
    sa.Column('verdict', sa.Enum('AGREE', 'DISAGREE', name='verdict', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reasons', sa.Text(), nullable=False),
    sa.CheckConstraint('recommended_level BETWEEN 1 AND 5', name=op.f('ck_opinions_recommended_level')),
    sa.ForeignKeyConstraint(['tenant_id', 'case_id'], ['panel_cases.tenant_id', 'panel_cases.id'], name=op.f('fk_opinions_tenant_id_case_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'expert_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_opinions_tenant_id_expert_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_opinions')),
    sa.UniqueConstraint('tenant_id', 'case_id', 'expert_id', name=op.f('uq_opinions_tenant_id_case_id_expert_id'))
    )
    op.create_index(op.f('ix_opinions_tenant_id_expert_id_case_id'), 'opinions', ['tenant_id', 'expert_id', 'case_id'], unique=False)
    op.create_table('panel_conclusions',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=True),
    sa.Column('verdict', sa.Enum('AGREE', 'DISAGREE', name='verdict', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('opinions', sa.Integer(), nullable=False),
    sa.Column('quorum', sa.Integer(), nullable=False),
    sa.Column('majority', sa.Enum('SIMPLE', 'TWO_THIRDS', name='majority', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('tie_rule', sa.Enum('HIGHER_LEVEL', 'NO_CONCLUSION', name='tierule', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('chair_id', sa.Uuid(), nullable=True),
    sa.Column('concluded_by_id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_panel_conclusions_level')),
    sa.CheckConstraint('opinions >= quorum', name=op.f('ck_panel_conclusions_quorum_was_there')),
    sa.ForeignKeyConstraint(['tenant_id', 'case_id'], ['panel_cases.tenant_id', 'panel_cases.id'], name=op.f('fk_panel_conclusions_tenant_id_case_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'chair_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_panel_conclusions_tenant_id_chair_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'concluded_by_id'], ['users.tenant_id', 'users.id'], name=op.f('fk_panel_conclusions_tenant_id_concluded_by_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_panel_conclusions')),
    sa.UniqueConstraint('tenant_id', 'case_id', name=op.f('uq_panel_conclusions_tenant_id_case_id')),
    sa.UniqueConstraint('tenant_id', 'number', name=op.f('uq_panel_conclusions_tenant_id_number'))
    )
    op.add_column('documents', sa.Column('grading_id', sa.Uuid(), nullable=True))
    op.add_column('documents', sa.Column('panel_case_id', sa.Uuid(), nullable=True))
    op.create_index(op.f('ix_documents_tenant_id_grading_id_id'), 'documents', ['tenant_id', 'grading_id', 'id'], unique=False)
    op.create_index(op.f('ix_documents_tenant_id_panel_case_id_id'), 'documents', ['tenant_id', 'panel_case_id', 'id'], unique=False)
    op.create_foreign_key(op.f('fk_documents_tenant_id_grading_id'), 'documents', 'gradings', ['tenant_id', 'grading_id'], ['tenant_id', 'id'])
    op.create_foreign_key(op.f('fk_documents_tenant_id_panel_case_id'), 'documents', 'panel_cases', ['tenant_id', 'panel_case_id'], ['tenant_id', 'id'])
    op.add_column('gradings', sa.Column('system_description', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column('gradings', sa.Column('advice_requested_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('gradings', sa.Column('opinion_case_id', sa.Uuid(), nullable=True))
    op.add_column('gradings', sa.Column('expert_opinion', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column('gradings', sa.Column('supervisor_approval', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column('gradings', sa.Column('return_reason', sa.Text(), nullable=True))
    op.create_index('uq_gradings_one_open', 'gradings', ['tenant_id', 'system_id'], unique=True, postgresql_where="state IN ('DRAFT','IN_EXPERT_REVIEW','AWAITING_APPROVAL')")
    op.add_column('panel_assignments', sa.Column('is_chair', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('panel_assignments', sa.Column('conflict_reason', sa.Text(), nullable=True))
    op.add_column('panel_assignments', sa.Column('released_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('uq_panel_assignments_one_chair', 'panel_assignments', ['tenant_id', 'case_id'], unique=True, postgresql_where='is_chair')
    op.add_column('panel_cases', sa.Column('session_id', sa.Uuid(), nullable=True))
    op.add_column('panel_cases', sa.Column('level', sa.SmallInteger(), nullable=True))
    op.add_column('panel_cases', sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
    op.create_index(op.f('ix_panel_cases_tenant_id_session_id_id'), 'panel_cases', ['tenant_id', 'session_id', 'id'], unique=False)
    op.create_index(op.f('ix_panel_cases_tenant_id_state_created_at_id'), 'panel_cases', ['tenant_id', 'state', 'created_at', 'id'], unique=False)
    op.create_index('uq_panel_cases_one_open_filing', 'panel_cases', ['tenant_id', 'filing_id'], unique=True, postgresql_where="state <> 'CONCLUDED' AND filing_id IS NOT NULL")
    op.create_index('uq_panel_cases_one_open_grading', 'panel_cases', ['tenant_id', 'grading_id'], unique=True, postgresql_where="state <> 'CONCLUDED' AND grading_id IS NOT NULL")
    op.create_foreign_key(op.f('fk_panel_cases_tenant_id_session_id'), 'panel_cases', 'panel_sessions', ['tenant_id', 'session_id'], ['tenant_id', 'id'])
    op.add_column('systems', sa.Column('amendment_due', sa.Boolean(), nullable=False, server_default=sa.false()))
    _fill_in()
    _checks()
    for table, rights in RIGHTS.items():
        protect(table, rights)


def _fill_in() -> None:
    """What the rows that are there already have in the new columns."""
    with unforced("panel_cases", "filings", "gradings", "panel_assignments", "tenants"):
        op.execute(
            """
            UPDATE panel_cases c SET level = coalesce(
              (SELECT f.level FROM filings f WHERE f.tenant_id = c.tenant_id AND f.id = c.filing_id),
              (SELECT g.level FROM gradings g WHERE g.tenant_id = c.tenant_id AND g.id = c.grading_id))
            """
        )
        op.execute("UPDATE panel_assignments SET conflict_reason = '' WHERE conflict_declared_at IS NOT NULL")
        op.execute(
            """
            INSERT INTO tenant_settings
              (tenant_id, id, created_at, panel_quorum, panel_majority, panel_tie_rule, grading_matrix, version)
            SELECT id, id, created_at, 3, 'SIMPLE', 'HIGHER_LEVEL', 'GB_T_22240_2008', 1 FROM tenants
            """
        )
    op.alter_column("panel_cases", "level", nullable=False)
    for table, column in (("panel_cases", "version"), ("panel_assignments", "is_chair"), ("systems", "amendment_due")):
        op.alter_column(table, column, server_default=None)


def _checks() -> None:
    op.drop_constraint(op.f("ck_panel_cases_panelcasestate"), "panel_cases")
    op.create_check_constraint(op.f("ck_panel_cases_panelcasestate"), "panel_cases", f"state IN ({STATES})")
    op.create_check_constraint(op.f("ck_panel_cases_subject_of_purpose"), "panel_cases", PURPOSE)
    op.create_check_constraint(op.f("ck_panel_cases_level"), "panel_cases", "level BETWEEN 1 AND 5")
    op.create_check_constraint(
        op.f("ck_panel_cases_session_known"), "panel_cases", "state IN ('OPEN', 'CONCLUDED') OR session_id IS NOT NULL"
    )
    op.create_check_constraint(
        op.f("ck_panel_assignments_conflict_has_a_reason"),
        "panel_assignments",
        "(conflict_declared_at IS NULL) = (conflict_reason IS NULL)",
    )
    op.create_check_constraint(op.f("ck_panel_assignments_chair_is_in_force"), "panel_assignments", CHAIR)
    op.create_check_constraint(
        op.f("ck_gradings_opinion_of_a_case"), "gradings", "(expert_opinion IS NULL) = (opinion_case_id IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_gradings_confirmed_by_another_person"), "gradings", "confirmed_by_id IS DISTINCT FROM saved_by_id"
    )


    _subjects_of_documents(SUBJECTS)


def _subjects_of_documents(keys: str) -> None:
    for name in ("one_subject", "attached_is_stored"):
        op.drop_constraint(op.f(f"ck_documents_{name}"), "documents")
    op.create_check_constraint(op.f("ck_documents_one_subject"), "documents", f"num_nonnulls({keys}) <= 1")
    op.create_check_constraint(
        op.f("ck_documents_attached_is_stored"), "documents", f"num_nonnulls({keys}) = 0 OR state = 'STORED'"
    )


def downgrade() -> None:
    _subjects_of_documents(FORMER_SUBJECTS)
    op.drop_constraint(op.f("ck_gradings_confirmed_by_another_person"), "gradings")
    op.drop_constraint(op.f("ck_gradings_opinion_of_a_case"), "gradings")
    op.drop_constraint(op.f("ck_panel_assignments_chair_is_in_force"), "panel_assignments")
    op.drop_constraint(op.f("ck_panel_assignments_conflict_has_a_reason"), "panel_assignments")
    for name in ("session_known", "level", "subject_of_purpose", "panelcasestate"):
        op.drop_constraint(op.f(f"ck_panel_cases_{name}"), "panel_cases")
    with unforced("panel_cases"):
        op.execute("UPDATE panel_cases SET state = 'OPEN' WHERE state <> 'CONCLUDED'")
    op.create_check_constraint(op.f("ck_panel_cases_panelcasestate"), "panel_cases", f"state IN ({FORMER_STATES})")
    op.drop_column('systems', 'amendment_due')
    op.drop_constraint(op.f('fk_panel_cases_tenant_id_session_id'), 'panel_cases', type_='foreignkey')
    op.drop_index('uq_panel_cases_one_open_grading', table_name='panel_cases', postgresql_where="state <> 'CONCLUDED' AND grading_id IS NOT NULL")
    op.drop_index('uq_panel_cases_one_open_filing', table_name='panel_cases', postgresql_where="state <> 'CONCLUDED' AND filing_id IS NOT NULL")
    op.drop_index(op.f('ix_panel_cases_tenant_id_state_created_at_id'), table_name='panel_cases')
    op.drop_index(op.f('ix_panel_cases_tenant_id_session_id_id'), table_name='panel_cases')
    op.drop_column('panel_cases', 'version')
    op.drop_column('panel_cases', 'level')
    op.drop_column('panel_cases', 'session_id')
    op.drop_index('uq_panel_assignments_one_chair', table_name='panel_assignments', postgresql_where='is_chair')
    op.drop_column('panel_assignments', 'released_at')
    op.drop_column('panel_assignments', 'conflict_reason')
    op.drop_column('panel_assignments', 'is_chair')
    op.drop_index('uq_gradings_one_open', table_name='gradings', postgresql_where="state IN ('DRAFT','IN_EXPERT_REVIEW','AWAITING_APPROVAL')")
    op.drop_column('gradings', 'return_reason')
    op.drop_column('gradings', 'supervisor_approval')
    op.drop_column('gradings', 'expert_opinion')
    op.drop_column('gradings', 'opinion_case_id')
    op.drop_column('gradings', 'advice_requested_at')
    op.drop_column('gradings', 'system_description')
    op.drop_constraint(op.f('fk_documents_tenant_id_panel_case_id'), 'documents', type_='foreignkey')
    op.drop_constraint(op.f('fk_documents_tenant_id_grading_id'), 'documents', type_='foreignkey')
    op.drop_index(op.f('ix_documents_tenant_id_panel_case_id_id'), table_name='documents')
    op.drop_index(op.f('ix_documents_tenant_id_grading_id_id'), table_name='documents')
    op.drop_column('documents', 'panel_case_id')
    op.drop_column('documents', 'grading_id')
    op.drop_table('panel_conclusions')
    op.drop_index(op.f('ix_opinions_tenant_id_expert_id_case_id'), table_name='opinions')
    op.drop_table('opinions')
    op.drop_index(op.f('ix_grading_transitions_tenant_id_grading_id_id'), table_name='grading_transitions')
    op.drop_table('grading_transitions')
    op.drop_index(op.f('ix_expert_appointments_tenant_id_valid_until_id'), table_name='expert_appointments')
    op.drop_index(op.f('ix_expert_appointments_tenant_id_user_id_valid_from_id'), table_name='expert_appointments')
    op.drop_index(op.f('ix_expert_appointments_tenant_id_created_at_id'), table_name='expert_appointments')
    op.drop_table('expert_appointments')
    op.drop_index(op.f('ix_panel_sessions_tenant_id_state_held_on_id'), table_name='panel_sessions')
    op.drop_index(op.f('ix_panel_sessions_tenant_id_held_on_id'), table_name='panel_sessions')
    op.drop_index(op.f('ix_panel_sessions_tenant_id_created_at_id'), table_name='panel_sessions')
    op.drop_table('panel_sessions')
    op.drop_table('tenant_settings')
