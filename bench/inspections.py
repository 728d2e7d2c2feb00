"""The rolling programme of a large city: how long it takes to propose its batches, from the request to the answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from bench.processes import spawn
from bench.reads import serve_platform, sign_in
from bench.report import Report
from bench.run import Run

SYSTEMS, GOAL_SECONDS = 20_000, 5
# Important systems of the city's units in turn, to be inspected in any of the next 24 months.
ADDED = f"""
INSERT INTO systems (tenant_id, id, created_at, unit_id, name, code, important, important_since, inspection_due_on,
  level, amendment_due, version)
SELECT $1, gen_random_uuid(), now(), u.id, '重要系统' || n, 'BENCH-' || n, true, current_date - 700,
  current_date + 40 + n % 690, 3, false, 1
FROM generate_series(1, {SYSTEMS}) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS many FROM organisations
  WHERE tenant_id = $1 AND kind = 'UNIT') u ON u.place = 1 + n % u.many
"""
CREATE = "mutation($i:CreateCampaignInput!){createCampaign(input:$i){campaign{id} userErrors{message}}}"
PROPOSE = """mutation($i:ProposeBatchesInput!){proposeBatches(input:$i){campaign{coverage{state count}
  batches(first:30){totalCount}} userErrors{message}}}"""
COVERAGE = "{statistics{inspectionCoverage{inspectionStanding count}}}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One request: what was asked, of how many systems, in how many seconds."""

    what: str
    systems: int
    seconds: float


async def measure(run: Run) -> list[Proposal]:
    """Proposed once, then again in place of the first, then the coverage of the city's important systems."""
    await run.stack.superuser.execute(ADDED, run.stack.tenant_id)
    await run.stack.superuser.execute("ANALYZE systems")
    server = spawn(serve_platform, run.stack.without_work)
    try:
        token = await sign_in(server.port, "city.officer")
        headers = {"Authorization": f"Bearer {token}"}
        address = f"http://127.0.0.1:{server.port}"
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=120, trust_env=False) as client:
            made = await _ask(client, CREATE, i={"kind": "ROLLING_TWO_YEAR", "year": _next_year()})
            campaign = {"campaignId": made["createCampaign"]["campaign"]["id"]}
            first = await _timed(client, "batches proposed", PROPOSE, i=campaign)
            again = await _timed(client, "batches proposed anew", PROPOSE, i=campaign)
            return [first, again, await _timed(client, "coverage of the city", COVERAGE)]
    finally:
        server.end()


def show(report: Report, found: Sequence[Proposal]) -> None:
    """The table of proposals."""
    report.table(
        "The rolling programme",
        "One request each, over HTTP, with the answer.",
        ("request", "systems", "seconds"),
        ((each.what, f"{each.systems:,}", f"{each.seconds:.2f}") for each in found),
    )
    for each in found[:2]:
        report.goal(f"{each.what}: seconds for {each.systems:,}", each.seconds, GOAL_SECONDS, at_most=True)


def _next_year() -> int:
    """A programme that the demo has not."""
    return time.gmtime().tm_year + 1


async def _timed(client: httpx.AsyncClient, what: str, document: str, **variables: Any) -> Proposal:
    began = time.perf_counter()
    answer = await _ask(client, document, **variables)
    seconds = time.perf_counter() - began
    if "proposeBatches" in answer:
        figures = answer["proposeBatches"]["campaign"]["coverage"]
    else:
        figures = answer["statistics"]["inspectionCoverage"]
    return Proposal(what, sum(each["count"] for each in figures), seconds)


async def _ask(client: httpx.AsyncClient, document: str, **variables: Any) -> dict[str, Any]:
    answer = (await client.post("/graphql", json={"query": document, "variables": variables})).json()
    if "errors" in answer:
        raise RuntimeError(answer["errors"][0]["message"])
    data: dict[str, Any] = answer["data"]
    return data
