"""Whether very many rows have a text is told by a few of them: the search no longer gathers them all to find out.

The index of terms gives every row that has them before the first is looked at, which took a hundred milliseconds for a
text that hundreds of thousands have. What is common is common among the first rows too.
"""

from alembic import op

from migrations.protect import TENANT

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

SEARCHER = "dengbao_search"
BOUND = 2000
# So many rows are looked at, where there are as many; what so many of them have is common: a page of it is soon full.
LOOKED_AT, COMMON = 300, 10

SIGNATURE = (
    "search_ids(wanted_kind text, wanted text) RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE"
    " SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan"
)
WORDS = f"""
  city uuid := {TENANT};
  words text[] := public.search_words(wanted);
"""
TERMS = """
  SELECT array_agg(DISTINCT term) INTO wanted_terms FROM unnest(words) word,
    unnest(public.search_terms(city, wanted_kind, word, length(word) = 1)) term;
"""
FOUND = f"""
  SELECT array_agg(subject_id) INTO ids FROM (
    SELECT subject_id FROM public.search_entries
    WHERE tenant_id = city AND kind = wanted_kind AND terms @> wanted_terms AND content LIKE ALL (patterns)
    LIMIT {BOUND + 1}
  ) few;
  RETURN CASE WHEN cardinality(ids) > {BOUND} THEN NULL ELSE coalesce(ids, '{{}}') END;
"""


def upgrade() -> None:
    _replace(
        f"""
        CREATE OR REPLACE FUNCTION {SIGNATURE}
        AS $$
        DECLARE
          {WORDS}
          patterns text[];
          common boolean;
          wanted_terms bigint[];
          ids uuid[];
        BEGIN
          IF words = '{{}}' THEN
            RETURN NULL;
          END IF;
          patterns := public.search_patterns(wanted);
          SELECT count(*) = {LOOKED_AT} AND count(*) FILTER (WHERE content LIKE ALL (patterns)) >= {COMMON} INTO common
          FROM (
            SELECT content FROM public.search_entries WHERE tenant_id = city AND kind = wanted_kind
            ORDER BY subject_id LIMIT {LOOKED_AT}
          ) first;
          IF common THEN
            RETURN NULL;
          END IF;
          {TERMS}
          {FOUND}
        END $$
        """
    )


def downgrade() -> None:
    _replace(
        f"""
        CREATE OR REPLACE FUNCTION {SIGNATURE}
        AS $$
        DECLARE
          {WORDS}
          patterns text[] := public.search_patterns(wanted);
          wanted_terms bigint[];
          ids uuid[];
        BEGIN
          IF words = '{{}}' THEN
            RETURN NULL;
          END IF;
          {TERMS}
          {FOUND}
        END $$
        """
    )


def _replace(function: str) -> None:
    """In the place of its owner, whose it stays."""
    op.execute(f"GRANT {SEARCHER} TO CURRENT_USER")
    op.execute(function)
    op.execute(f"REVOKE {SEARCHER} FROM CURRENT_USER")
