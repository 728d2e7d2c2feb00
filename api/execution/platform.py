"""What a worker holds while it serves: connections, keys, and what it remembers of people and policies."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.execution.changes import CHANNEL as CHANGES
from api.execution.changes import Changes
from api.execution.providers import IdentityProviders
from api.execution.refusals import Refusals
from api.execution.tenancies import Tenancies
from api.http.rates import Doors, Rates
from authz.access import Authority
from authz.policy import Line
from authz.principals import Principals
from authz.tokens import Tokens
from domain.mailed.inbox import Inbox
from domain.ports import Files, Jobs, Mail, Papers, Seals, Signer
from domain.tasks import TASKS
from storage.database import Database, Listener
from storage.papers.press import Press
from storage.queue import Queue
from storage.seals import KeySeals

UNLIMITED = Doors(Rates(0), Rates(0), Rates(0))
CHANNEL = "dengbao_invalidate"
POLICY = "SELECT subject, action FROM policy_rules WHERE tenant_id = $1"


@dataclass(slots=True)
class Platform:
    """One worker's parts."""

    database: Database
    files: Files
    jobs: Jobs
    papers: Papers
    tokens: Tokens
    seals: Seals
    authority: Authority
    principals: Principals
    listener: Listener
    signer: Signer
    refusals: Refusals
    tenancies: Tenancies
    changes: Changes
    mail: Mail | None = None
    # What a worker that serves limits; background work asks nothing.
    doors: Doors = UNLIMITED
    providers: IdentityProviders | None = None
    inbox: Inbox | None = None
    # How long one subscription may last; whoever wants to hear more subscribes again.
    stream_seconds: float = 3600

    @classmethod
    def start(
        cls,
        database: Database,
        files: Files,
        tokens: Tokens,
        signer: Signer,
        mail: Mail | None = None,
        doors: Doors = UNLIMITED,
        public_url: str | None = None,
    ) -> Platform:
        """Put the parts together, and listen for changes of people and policies."""

        async def load_lines(tenant_id: UUID) -> frozenset[Line]:
            rows = await database.reads.fetch_rows(tenant_id, POLICY, (tenant_id,))
            return frozenset((row["subject"], row["action"]) for row in rows)

        authority = Authority(load_lines)
        principals = Principals(database.reads.fetch_rows, lambda: listener.live)

        tenancies = Tenancies(database.reads.fetch_rows, lambda: listener.live)
        changed = Changes()

        def on_message(payload: str) -> None:
            tenant, _, table = payload.partition(" ")
            if table == "policy_rules":
                authority.invalidate(UUID(tenant))
            elif table == "tenants":
                tenancies.invalidate(UUID(tenant))
            else:
                principals.invalidate(UUID(tenant))
            changed.look_up(UUID(tenant))

        def on_gap() -> None:
            authority.invalidate()
            principals.invalidate()
            tenancies.invalidate()
            changed.missed()

        listener = database.listen({CHANNEL: on_message, CHANGES: changed.hear}, on_gap)
        seals = KeySeals(tokens.key, "one-time codes")
        refusals = Refusals(database.transaction)
        return cls(
            database,
            files,
            Queue(TASKS),
            Press(public_url),
            tokens,
            seals,
            authority,
            principals,
            listener,
            signer,
            refusals,
            tenancies,
            changed,
            mail,
            doors,
        )
