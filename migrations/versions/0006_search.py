"""Names and numbers are found by characters and pairs of characters."""

import sqlalchemy as sa
from alembic import op

from migrations.protect import APP, TENANT, protect
from migrations.searchable import not_searchable, searchable

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SEARCHER = "dengbao_search"
# More rows than this are not listed: the statement then walks its list in order and soon has a page of them.
BOUND = 2000
SEARCHED = {
    "districts": ("name",),
    "organisations": ("name",),
    "users": ("display_name", "username"),
    "systems": ("name", "code"),
    "filings": ("number",),
}


def upgrade() -> None:
    op.create_table(
        "search_entries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("terms", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_search_entries_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "subject_id", name=op.f("pk_search_entries")),
    )
    op.create_index(
        op.f("ix_search_entries_terms"),
        "search_entries",
        ["terms"],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    protect("search_entries", "SELECT, INSERT, UPDATE")
    _create_helpers()
    _create_search()
    for table, columns in SEARCHED.items():
        searchable(table, *columns)


def downgrade() -> None:
    for table in SEARCHED:
        not_searchable(table)
    op.execute(f"GRANT {SEARCHER} TO CURRENT_USER")
    op.execute("DROP FUNCTION search_ids(text, text)")
    op.execute("DROP FUNCTION search_terms(uuid, text, text, boolean)")
    op.execute("DROP FUNCTION search_patterns(text)")
    op.execute("DROP FUNCTION search_words(text)")
    op.execute("DROP FUNCTION search_text(text)")
    op.drop_table("search_entries")
    # The role belongs to the whole server, where another database may use it: it stays.
    op.execute(f"REVOKE ALL ON SCHEMA public FROM {SEARCHER}")


def _create_helpers() -> None:
    """How text is read, for entries, for rows and for what is wanted alike."""
    op.execute(
        """
        CREATE FUNCTION search_text(given text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT lower(normalize(given, NFKC))
        $$
        """
    )
    op.execute(
        r"""
        CREATE FUNCTION search_words(given text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT coalesce(array_agg(DISTINCT word), '{}')
          FROM regexp_split_to_table(public.search_text(given), '\s+') word WHERE word <> ''
        $$
        """
    )
    # For LIKE ALL, which is quicker on many rows than a sub-select over the words; wildcards mean themselves.
    op.execute(
        r"""
        CREATE FUNCTION search_patterns(given text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT coalesce(array_agg('%' || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%'), '{}')
          FROM unnest(public.search_words(given)) word
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION search_terms(tenant uuid, kind text, content text, singles boolean) RETURNS bigint[]
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT coalesce(array_agg(DISTINCT hashtextextended(term, hashtextextended(tenant || kind, 0))), '{}')
          FROM (
            SELECT letter, letter || lead(letter) OVER (ORDER BY place) AS pair
            FROM string_to_table(content, NULL) WITH ORDINALITY AS letters (letter, place)
          ) pairs, LATERAL (VALUES (pair), (CASE WHEN singles THEN letter END)) terms (term)
          WHERE term IS NOT NULL
        $$
        """
    )


def _create_search() -> None:
    """The one function that searches, as a role that can do nothing else; of the session's own tenant, whoever asks.

    Its operator is not leakproof: under the tenant's policy it could not use its index.
    """
    op.execute(
        f"""
        DO $$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{SEARCHER}') THEN
            CREATE ROLE {SEARCHER} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
          END IF;
        END $$
        """
    )
    op.execute(f"GRANT USAGE ON SCHEMA public TO {SEARCHER}")
    op.execute(f"GRANT SELECT ON search_entries TO {SEARCHER}")
    op.execute(f"CREATE POLICY search ON search_entries FOR SELECT TO {SEARCHER} USING (true)")
    # Planned anew each time: whether a text is rare decides how it is looked for.
    op.execute(
        f"""
        CREATE FUNCTION search_ids(wanted_kind text, wanted text) RETURNS uuid[]
        LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
        SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
        DECLARE
          city uuid := {TENANT};
          words text[] := public.search_words(wanted);
          patterns text[] := public.search_patterns(wanted);
          wanted_terms bigint[];
          found uuid[];
        BEGIN
          IF words = '{{}}' THEN
            RETURN NULL;
          END IF;
          SELECT array_agg(DISTINCT term) INTO wanted_terms FROM unnest(words) word,
            unnest(public.search_terms(city, wanted_kind, word, length(word) = 1)) term;
          SELECT array_agg(subject_id) INTO found FROM (
            SELECT subject_id FROM public.search_entries
            WHERE tenant_id = city AND kind = wanted_kind AND terms @> wanted_terms AND content LIKE ALL (patterns)
            LIMIT {BOUND + 1}
          ) few;
          RETURN CASE WHEN cardinality(found) > {BOUND} THEN NULL ELSE coalesce(found, '{{}}') END;
        END $$
        """
    )
    op.execute("COMMENT ON FUNCTION search_ids IS 'ids of the rows of one kind that hold every word; null: too many'")
    op.execute(f"GRANT {SEARCHER} TO CURRENT_USER")
    op.execute(f"GRANT CREATE ON SCHEMA public TO {SEARCHER}")
    op.execute("REVOKE ALL ON FUNCTION search_ids(text, text) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION search_ids(text, text) TO {APP}")
    op.execute(f"ALTER FUNCTION search_ids(text, text) OWNER TO {SEARCHER}")
    op.execute(f"REVOKE CREATE ON SCHEMA public FROM {SEARCHER}")
    op.execute(f"REVOKE {SEARCHER} FROM CURRENT_USER")
