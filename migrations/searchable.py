"""What a table gets in its migration to be found by text: a trigger that keeps its entries, and entries of its rows."""

from __future__ import annotations

from alembic import op


def searchable(table: str, *columns: str) -> None:
    """Keep an entry in ``search_entries`` of each row of ``table`` that has text in ``columns``."""
    content = f"public.search_text(concat_ws(E'\\n', {', '.join(f'NEW.{column}' for column in columns)}))"
    op.execute(
        f"""
        CREATE FUNCTION search_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          content text := {content};
        BEGIN
          IF content <> '' OR TG_OP = 'UPDATE' THEN
            INSERT INTO public.search_entries AS kept (tenant_id, kind, subject_id, content, terms)
            VALUES (NEW.tenant_id, '{table}', NEW.id, content,
              public.search_terms(NEW.tenant_id, '{table}', content, true))
            ON CONFLICT (tenant_id, kind, subject_id)
            DO UPDATE SET content = excluded.content, terms = excluded.terms
            WHERE kept.content <> excluded.content;
          END IF;
          RETURN NULL;
        END $$
        """  # noqa: S608 - names of our own tables and columns
    )
    op.execute(
        f"CREATE TRIGGER search AFTER INSERT OR UPDATE OF {', '.join(columns)} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION search_{table}()"
    )
    _enter(table, columns)


def not_searchable(table: str) -> None:
    """Take it back."""
    op.execute(f"DROP TRIGGER search ON {table}")
    op.execute(f"DROP FUNCTION search_{table}()")


def _enter(table: str, columns: tuple[str, ...]) -> None:
    """Entries of the rows that are there, city by city: the owner too sees no row without a tenant."""
    op.execute(
        f"""
        DO $$
        DECLARE
          city uuid;
        BEGIN
          FOR city IN SELECT id FROM list_tenants() LOOP
            PERFORM set_config('app.tenant', city::text, true);
            INSERT INTO search_entries (tenant_id, kind, subject_id, content, terms)
            SELECT city, '{table}', id, content, search_terms(city, '{table}', content, true)
            FROM (SELECT id, search_text(concat_ws(E'\\n', {", ".join(columns)})) AS content FROM {table}) found
            WHERE content <> '' ON CONFLICT DO NOTHING;
          END LOOP;
          PERFORM set_config('app.tenant', '', true);
        END $$
        """  # noqa: S608 - names of our own tables and columns
    )
