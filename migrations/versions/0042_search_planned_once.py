"""A search plans its statements once for a connection, and hashes a text's pairs without a window function.

All of its statements were planned anew each time, so that the one which looks in the index of terms was. That one is
now written so that no other index can serve it: what the sample has found to be rare is looked for there, whatever
the values. The terms are the tenant's and the kind's own; that both are those asked for is checked of what is found.
"""

from alembic import op

from migrations.protect import TENANT

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

SEARCHER = "dengbao_search"
BOUND = 2000
# So many rows are looked at, where there are as many; what so many of them have is common: a page of it is soon full.
LOOKED_AT, COMMON = 300, 10

SIGNATURE = (
    "search_ids(wanted_kind text, wanted text) RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE"
    " SET search_path = pg_catalog, pg_temp"
)
BODY = """
AS $$
DECLARE
  city uuid := {tenant};
  words text[] := public.search_words(wanted);
  patterns text[];
  common boolean;
  wanted_terms bigint[];
  ids uuid[];
BEGIN
  IF words = '{{}}' THEN
    RETURN NULL;
  END IF;
  patterns := public.search_patterns(wanted);
  SELECT count(*) = {looked_at} AND count(*) FILTER (WHERE content LIKE ALL (patterns)) >= {common} INTO common
  FROM (
    SELECT content FROM public.search_entries WHERE tenant_id = city AND kind = wanted_kind
    ORDER BY subject_id LIMIT {looked_at}
  ) first;
  IF common THEN
    RETURN NULL;
  END IF;
  {terms}
  SELECT array_agg(subject_id) INTO ids FROM (
    SELECT subject_id FROM public.search_entries WHERE {owned} AND terms @> wanted_terms AND content LIKE ALL (patterns)
    LIMIT {most}
  ) few;
  RETURN CASE WHEN cardinality(ids) = {most} THEN NULL ELSE coalesce(ids, '{{}}') END;
END $$
"""
# A word's pairs, or the one character that it is: as ``search_terms`` makes them.
PAIRS = """
  SELECT array_agg(DISTINCT hashtextextended(substr(word, place, 2), hashtextextended(city || wanted_kind, 0)))
  INTO wanted_terms FROM unnest(words) word, generate_series(1, greatest(length(word) - 1, 1)) place;
"""
PAIRS_BEFORE = """
  SELECT array_agg(DISTINCT term) INTO wanted_terms FROM unnest(words) word,
    unnest(public.search_terms(city, wanted_kind, word, length(word) = 1)) term;
"""
OWNED = "tenant_id IS NOT DISTINCT FROM city AND kind IS NOT DISTINCT FROM wanted_kind"
OWNED_BEFORE = "tenant_id = city AND kind = wanted_kind"


def upgrade() -> None:
    _replace(f"{SIGNATURE} {_body(PAIRS, OWNED)}")


def downgrade() -> None:
    _replace(f"{SIGNATURE} SET plan_cache_mode = force_custom_plan {_body(PAIRS_BEFORE, OWNED_BEFORE)}")


def _body(terms: str, owned: str) -> str:
    return BODY.format(tenant=TENANT, looked_at=LOOKED_AT, common=COMMON, terms=terms, owned=owned, most=BOUND + 1)


def _replace(function: str) -> None:
    """In the place of its owner, whose it stays."""
    op.execute(f"GRANT {SEARCHER} TO CURRENT_USER")
    op.execute(f"CREATE OR REPLACE FUNCTION {function}")
    op.execute(f"REVOKE {SEARCHER} FROM CURRENT_USER")
