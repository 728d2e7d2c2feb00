"""What an event says, as the one line of text that its digest is of and that is handed to outsiders.

PostgreSQL writes the line (``jsonb`` has one spelling of a value), both in the trigger that takes the digest when an
event is written and, from the expression here, when it is read again to be verified or exported: a changed function
of the database does not deceive the latter.
"""

from __future__ import annotations

from sqlalchemy import TextClause, text

# Of an event ``e``. What is added later enters by a new version ``v``: what was sealed keeps its line.
CONTENT = """
jsonb_build_object(
  'v', 1, 'tenant', e.tenant_id, 'id', e.id,
  'at', to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'action', e.action, 'outcome', e.outcome, 'reason', e.reason, 'attempts', e.attempts,
  'user', e.user_id, 'membership', e.membership_id, 'organisation', e.organisation_id,
  'subjectType', e.subject_type, 'subject', e.subject_id, 'before', e.before, 'after', e.after,
  'address', e.address, 'userAgent', e.user_agent, 'requestId', e.request_id
)::text
"""

# The events of the transactions after :after up to :through, in the order in which they are sealed.
LINES: TextClause = text(
    f"""
    SELECT e.id, e.digest, {CONTENT} AS content FROM audit_events e
    WHERE e.tenant_id = :tenant AND e.transaction > :after AND e.transaction <= :through
    ORDER BY e.transaction, e.id
    """  # noqa: S608 - of constants
)
