"""The mutations as one would write them by hand: the same statements in one transaction over asyncpg, the same rules.

Nobody is signed in here, and no input is refused: what is measured is the least that the work itself takes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.audit.changes import differences
from domain.audit.redaction import redacted
from domain.base import new_id
from domain.calendar import local_date
from domain.codes import filing_number, verification_code
from domain.documents.kinds import DocumentKind
from domain.filings.consistency import contradictions, read_entry
from domain.filings.form import FilingForm, merge
from domain.filings.missing import missing_items
from domain.filings.prefill import with_derived
from domain.grading.entities import Grading
from domain.templates.forms import FORMS, LetterKind
from domain.templates.numbers import prefix_of, series, written
from storage.files import ObjectStore
from storage.queue import queries
from storage.settings import Settings

SYSTEM = "SELECT * FROM systems WHERE tenant_id = $1 AND id = $2"
GRADING = "SELECT * FROM gradings WHERE tenant_id = $1 AND id = $2"
DOCUMENTS = "SELECT * FROM documents WHERE tenant_id = $1 AND filing_id = $2 ORDER BY id"
SETTINGS = "SELECT retention_years FROM tenant_settings WHERE tenant_id = $1"
AUDIT = """INSERT INTO audit_events (tenant_id, id, created_at, action, user_id, membership_id, organisation_id,
  subject_type, subject_id, before, after, address, user_agent, request_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"""
OUTBOX = """INSERT INTO outbox_events (tenant_id, id, created_at, event, subject_type, subject_id, user_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7)"""
TRANSITION = """INSERT INTO filing_transitions (tenant_id, id, created_at, filing_id, action, from_state, to_state,
  by_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""
COUNTER = """INSERT INTO counters (tenant_id, series, value) VALUES ($1, $2, 1)
  ON CONFLICT (tenant_id, series) DO UPDATE SET value = counters.value + 1 RETURNING value"""


class Person:
    """Who does it: a user's membership."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.tenant: UUID = row["tenant_id"]
        self.user: UUID = row["user_id"]
        self.membership: UUID = row["id"]
        self.organisation: UUID = row["organisation_id"]


class Hand:
    """One request's transaction."""

    def __init__(self, connection: asyncpg.Connection, person: Person, files: ObjectStore, request: Request) -> None:
        self.connection, self.person, self.files = connection, person, files
        self.address, self.user_agent = request.client and request.client.host, request.headers.get("user-agent")
        self.now = dt.datetime.now(dt.UTC)

    async def row(self, sql: str, *arguments: Any) -> Any:
        """The one row of a statement on the tenant ($1)."""
        return await self.connection.fetchrow(sql, self.person.tenant, *arguments)

    async def record(self, action: str, kind: str, row: Any, changed: Mapping[str, Any]) -> None:
        """The audit event, with what was ``changed`` of the ``row`` as it was, and the outbox event."""
        p = self.person
        places = [place for name, value in changed.items() for place in differences(name, row[name], value)]
        before, after = (
            redacted({name: was for name, was, _ in places}),
            redacted({name: now for name, _, now in places}),
        )
        await self.row(
            AUDIT, new_id(), self.now, action, p.user, p.membership, p.organisation, kind, row["id"], before, after,
            self.address, self.user_agent, str(new_id()),
        )  # fmt: skip
        await self.row(OUTBOX, new_id(), self.now, action, kind, row["id"], p.user)

    async def move(self, filing: Any, action: str, to: str, **changed: Any) -> None:
        """A line of the filing's history, and its events."""
        before = filing["state"]
        await self.row(TRANSITION, new_id(), self.now, filing["id"], action, before, to, self.person.user)
        await self.record(action, "Filing", filing, {"state": to, **changed})

    async def refreshed(self, filing: Any, form: FilingForm, grading: Any) -> tuple[Any, Any]:
        """The form with all that follows from its grading and documents, and what it lacks."""
        documents = {
            DocumentKind[row["kind"]]: row["filename"]
            for row in await self.connection.fetch(DOCUMENTS, self.person.tenant, filing["id"])
        }
        form = with_derived(form, Grading(**dict(grading)), documents)
        return form.stored(), [item.stored() for item in missing_items(form, grading["level"], documents.keys())]


async def save_filing(hand: Hand, given: Mapping[str, Any]) -> Any:
    """Replace tables of a form."""
    filing = await hand.row(
        "SELECT * FROM filings WHERE tenant_id = $1 AND id = $2 AND unit_id = $3 FOR UPDATE",
        UUID(given["filingId"]), hand.person.organisation,
    )  # fmt: skip
    assert filing["state"] == "DRAFT"
    assert filing["version"] == given["version"]
    entry, wrong = read_entry(given["form"])
    assert not wrong
    assert entry.unit is None  # else the city's codes would be asked for
    assert not contradictions(entry, None)
    system = await hand.row(SYSTEM, filing["system_id"])
    grading = await hand.row(GRADING, system["current_grading_id"])
    form, missing = await hand.refreshed(filing, merge(FilingForm.model_validate(filing["form"]), entry), grading)
    await hand.row(
        "UPDATE filings SET form = $3, missing_items = $4, saved_by_id = $5, version = version + 1"
        " WHERE tenant_id = $1 AND id = $2",
        filing["id"], form, missing, hand.person.user,
    )  # fmt: skip
    await hand.record("saveFiling", "Filing", filing, {"form": form, "missing_items": missing})
    return filing["id"]


async def submit_filing(hand: Hand, given: Mapping[str, Any]) -> Any:
    """Hand a draft in."""
    filing = await hand.row(
        "SELECT * FROM filings WHERE tenant_id = $1 AND id = $2 AND unit_id = $3 FOR UPDATE",
        UUID(given["filingId"]), hand.person.organisation,
    )  # fmt: skip
    assert filing["state"] == "DRAFT"
    assert filing["saved_by_id"] != hand.person.user
    system = await hand.row(SYSTEM, filing["system_id"])
    assert system["retired_on"] is None
    grading = await hand.row(GRADING, system["current_grading_id"])
    form, missing = await hand.refreshed(filing, FilingForm.model_validate(filing["form"]), grading)
    assert not any(item["required"] for item in missing)
    documents = await hand.connection.fetch(f"{DOCUMENTS} FOR UPDATE", hand.person.tenant, filing["id"])
    for document in documents:
        years = ((await hand.row(SETTINGS)) or [None])[0] or 10
        await hand.files.lock_until(document["object_key"], hand.now + dt.timedelta(days=365 * years))
    kept = [{name: row[name] for name in ("kind", "filename", "size", "sha256")} for row in documents]
    await hand.row(
        "INSERT INTO filing_submissions (tenant_id, id, created_at, filing_id, level, form_edition, form, documents,"
        " by_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new_id(), hand.now, filing["id"], filing["level"], filing["form_edition"], form, kept,
        hand.person.user,
    )  # fmt: skip
    await hand.row(
        "UPDATE filings SET state = 'SUBMITTED', submitted_at = $3, form = $4, missing_items = $5,"
        " version = version + 1 WHERE tenant_id = $1 AND id = $2",
        filing["id"], hand.now, form, missing,
    )  # fmt: skip
    await hand.move(filing, "submitFiling", "SUBMITTED", submitted_at=hand.now, form=form, missing_items=missing)
    return filing["id"]


async def issue_reply(hand: Hand, given: Mapping[str, Any]) -> Any:
    """Issue reply A: letter and filing get their numbers."""
    reply = await hand.row(
        "SELECT * FROM reply_letters WHERE tenant_id = $1 AND id = $2 FOR UPDATE", UUID(given["replyLetterId"])
    )
    assert reply["state"] == "DRAFT"
    assert reply["drafted_by_id"] != hand.person.user
    filing = await hand.row("SELECT * FROM filings WHERE tenant_id = $1 AND id = $2 FOR UPDATE", reply["filing_id"])
    assert filing["state"] == "UNDER_REVIEW"
    city = await hand.row("SELECT * FROM tenants WHERE id = $1")
    year = local_date(hand.now).year
    prefix = prefix_of(FORMS[LetterKind.REPLY_A].template, city["name"])
    running = (await hand.row(COUNTER, series(prefix, year)))[0]
    number = written(prefix, year, running)
    unit = await hand.row("SELECT * FROM organisations WHERE tenant_id = $1 AND id = $2 FOR UPDATE", filing["unit_id"])
    system = await hand.row(f"{SYSTEM} FOR UPDATE", filing["system_id"])
    serial = (await hand.row(COUNTER, f"system:{unit['id']}"))[0]
    serial_of_unit = unit["unit_serial"] or (await hand.row(COUNTER, "unit"))[0]
    code = city["division_code"]
    if filing["authority"] == "DISTRICT":
        district = await hand.row("SELECT * FROM districts WHERE tenant_id = $1 AND id = $2", filing["district_id"])
        code = district["division_code"]
    again = await hand.row(
        "SELECT count(*) FROM filings WHERE tenant_id = $1 AND system_id = $2 AND number IS NOT NULL", system["id"]
    )
    assert again[0] == 0
    given_number = filing_number(code, serial_of_unit, serial)
    await hand.row(
        "UPDATE filings SET number = $3, state = 'ACCEPTED', replied_at = $4, version = version + 1"
        " WHERE tenant_id = $1 AND id = $2",
        filing["id"], given_number, hand.now,
    )  # fmt: skip
    await hand.row(
        "UPDATE reply_letters SET state = 'ISSUED', number = $3, verification_code = $4, issued_by_id = $5,"
        " issued_at = $6, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        reply["id"], number, verification_code(), hand.person.user, hand.now,
    )  # fmt: skip
    await hand.row(
        "UPDATE systems SET system_serial = $3, current_filing_id = $4, version = version + 1"
        " WHERE tenant_id = $1 AND id = $2",
        system["id"], serial, filing["id"],
    )  # fmt: skip
    period = await hand.row(
        "SELECT * FROM review_periods WHERE tenant_id = $1 AND filing_id = $2 AND ended_on IS NULL", filing["id"]
    )
    await hand.row(
        "UPDATE review_periods SET ended_on = $3, reply_letter_id = $4 WHERE tenant_id = $1 AND id = $2",
        period["id"], local_date(hand.now), reply["id"],
    )  # fmt: skip
    await hand.move(filing, "issueReply", "ACCEPTED", number=given_number, replied_at=hand.now)
    changed = {"state": "ISSUED", "number": number, "issued_by_id": hand.person.user, "issued_at": hand.now}
    await hand.record("issueReply", "ReplyLetter", reply, changed)
    await _write_letter(hand, filing, reply, unit, number)
    return filing["id"]


async def _write_letter(hand: Hand, filing: Any, reply: Any, unit: Any, number: str) -> None:
    """Keep the letter's words, and have its files made."""
    office = await hand.row("SELECT * FROM organisations WHERE tenant_id = $1 AND id = $2", hand.person.organisation)
    grading = await hand.row(GRADING, filing["grading_id"])
    copies = await hand.connection.fetch(
        "SELECT name FROM organisations WHERE tenant_id = $1 AND kind = 'DISTRICT_OFFICE' AND district_id = $2",
        hand.person.tenant, filing["district_id"],
    )  # fmt: skip
    content = {
        "issuer": office["name"],
        "number": number,
        "addressees": [unit["name"]],
        "copies": [row["name"] for row in copies],
        "blocks": [reply["body"], grading["security_mark"]],
    }
    paper = new_id()
    await hand.row(
        "INSERT INTO papers (tenant_id, id, created_at, kind, owner_id, made_by_id, reply_letter_id, content)"
        " VALUES ($1, $2, $3, 'REPLY_LETTER', $4, $5, $6, $7)",
        paper, hand.now, office["id"], hand.person.user, reply["id"], content,
    )  # fmt: skip
    job = orjson.dumps({"tenant": str(hand.person.tenant), "paper_id": str(paper)})
    await queries(AsyncpgDriver(hand.connection)).enqueue("papers.render", job)


ANSWER = """SELECT row_to_json(r) FROM (SELECT 'fil_' || id AS id, number, state, version FROM filings
  WHERE tenant_id = $1 AND id = $2) r"""
ACTIONS: Mapping[str, tuple[str, Callable[[Hand, Mapping[str, Any]], Awaitable[Any]]]] = {
    "saveFiling": ("unit.filer", save_filing),
    "submitFiling": ("unit.approver", submit_filing),
    "issueReply": ("city.leader", issue_reply),
}


def create(settings: Settings) -> Starlette:
    """One endpoint for each."""
    pool: asyncpg.Pool
    people: dict[str, Person] = {}
    files = ObjectStore(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        pool = await asyncpg.create_pool(
            settings.database_url, min_size=1, max_size=settings.database_pool_size, init=_json
        )
        async with pool.acquire() as connection, connection.transaction():
            tenant = await connection.fetchval("SELECT resolve_tenant(NULL)")
            await connection.execute("SELECT set_config('app.tenant', $1, true)", str(tenant))
            for username, _action in ACTIONS.values():
                found = await connection.fetchrow(
                    "SELECT m.* FROM memberships m JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id"
                    " WHERE u.username = $1", username,
                )  # fmt: skip
                people[username] = Person(found)
        yield
        await pool.close()

    def endpoint(name: str) -> Route:
        username, act = ACTIONS[name]

        async def answer(request: Request) -> Response:
            given = orjson.loads(await request.body())
            person = people[username]
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("SELECT set_config('app.tenant', $1, true)", str(person.tenant))
                key = await act(Hand(connection, person, files, request), given)
                body = await connection.fetchval(ANSWER, person.tenant, key)
            return Response(orjson.dumps({"data": body}), media_type="application/json")

        return Route(f"/{name}", answer, methods=["POST"])

    return Starlette(routes=[endpoint(name) for name in ACTIONS], lifespan=lifespan)


async def _json(connection: Any) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=_encoded, decoder=orjson.loads)


def _encoded(value: Any) -> str:
    # What is a text already is the queue's library's own JSON.
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def serve(settings: Settings, port: int) -> None:
    """Serve until terminated."""
    uvicorn.run(create(settings), port=port, log_config=None, access_log=False, loop="uvloop")
