"""Leaks in time: what one has read, holds or is about to do when a right ends, and guesses that never end."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from typing import Any

import httpx
from sqlalchemy import text

from domain.people.sign_in import FAILURES_PER_NAME
from storage.database import Database
from storage.settings import Settings
from tests.e2e.assessment_flows import body_of, today
from tests.e2e.flows import codes, done, node
from tests.e2e.panel_flows import EXPERTS, assigned, concluded, opinions, re_review
from tests.e2e.people import home_of
from tests.e2e.test_accounts import SIGN_IN, forget_failures, settled
from tests.support import Api, BackgroundWork, serving

OFFICER = "city.officer"
LISTS = ("systems", "gradings", "filings", "panelCases", "panelSessions", "riskAssessments", "rectificationPlans")


async def seen(api: Api, person: str) -> dict[str, set[str]]:
    """What a person's lists show."""
    asked = " ".join(f"{name}(first:100){{nodes{{id}}}}" for name in LISTS)
    answer = await api.ask(person, f"{{{asked}}}")
    return {name: {each["id"] for each in answer[name]["nodes"]} for name in LISTS}


async def test_conflict_declared_after_reading(api: Api, jobs: BackgroundWork) -> None:
    """An expert who has read a case and then declares a conflict has nothing of it left, whichever way it is asked."""
    before = await seen(api, "expert3")
    filing, case = await re_review(api)
    await assigned(api, case, "FILING_RE_REVIEW")
    await jobs.run()
    read = await node(api, "expert3", filing, "Filing", "id system{id name} unit{id} grading{id} documents{id}")
    documents = [each["id"] for each in read["documents"]]
    link = await done(api, "expert3", "requestDownload", "download{url}", documentId=documents[0])
    ids = [filing, case, read["system"]["id"], read["grading"]["id"], *documents]
    told = "{viewer{notifications(first:100){nodes{subject{id}}} workQueue(first:100){nodes{subject{id}}}}}"
    assert case in str(await api.ask("expert3", told))
    await done(api, "expert3", "declareConflict", "assignment{id}", panelCaseId=case, reason="曾任职于该单位。")
    nodes = (await api.ask("expert3", "query($i:[ID!]!){nodes(ids:$i){id}}", i=ids))["nodes"]
    assert not any(nodes)
    assert await seen(api, "expert3") == before
    left = str(await api.ask("expert3", told))
    assert not any(each in left for each in ids)
    found = await api.ask("expert3", "query($t:String!){search(text:$t){systems{nodes{id}}}}", t=read["system"]["name"])
    assert read["system"]["id"] not in str(found)
    for document in documents:
        refused = await api.do("expert3", "requestDownload", "download{url}", documentId=document)
        assert codes(refused) == ["NOT_FOUND"]
    refused = await api.do("expert3", "submitOpinion", "opinion{id}", panelCaseId=case, reasons="理由")
    assert codes(refused) == ["NOT_FOUND"]
    # A link that was given before is good for its few minutes, and for nothing else (test_presign_ttl).
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(link["url"])).status_code == 200


async def test_after_a_case_has_ended_nobody_adds_to_it(api: Api) -> None:
    """An expert reads a case that has ended, as the contract says, and can add nothing to it."""
    filing, case = await re_review(api)
    await assigned(api, case, "FILING_RE_REVIEW")
    await opinions(api, case, 2, 2, 2)
    await concluded(api, case)
    for expert in EXPERTS:
        assert await node(api, expert, filing, "Filing", "id")
        given = {"panelCaseId": case, "recommendedLevel": 3, "reasons": "再议"}
        assert codes(await api.do(expert, "submitOpinion", "opinion{id}", **given)) == ["INVALID_STATE"]
        given = {"panelCaseId": case, "reason": "事后"}
        assert codes(await api.do(expert, "declareConflict", "assignment{id}", **given)) == ["INVALID_STATE"]


async def test_a_body_whose_accreditation_ended_sees_no_system(api: Api, database: Database) -> None:
    """The day after its accreditation ends a body sees of what it assesses its own assessments, and nothing behind."""
    before = await seen(api, "assessor")
    assert before["systems"]
    body = (await body_of(api))["id"].removeprefix("bod_")
    until = "UPDATE assessment_bodies SET valid_to = :day WHERE id = CAST(:id AS uuid) RETURNING valid_to"
    kept = "SELECT valid_to FROM assessment_bodies WHERE id = CAST(:id AS uuid)"
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant

    async def ends(day: dt.date) -> None:
        async with database.transaction(tenant) as session:
            await session.execute(text(until), {"day": day, "id": body})

    async with database.transaction(tenant) as session:
        day = await session.scalar(text(kept), {"id": body})
    try:
        await ends(today() - dt.timedelta(days=1))
        after = await seen(api, "assessor")
        assert not any(after[name] for name in ("systems", "gradings", "filings", "riskAssessments"))
        units = await api.all("assessor", "organisations", "id", ",filter:{kind:UNIT}")
        assert units == []
        nodes = (await api.ask("assessor", "query($i:[ID!]!){nodes(ids:$i){id}}", i=sorted(before["systems"])))["nodes"]
        assert not any(nodes)
    finally:
        await ends(day)
    assert await seen(api, "assessor") == before


async def test_a_membership_that_ends_ends_what_it_opened(api: Api) -> None:
    """Token, session and memberships were read before; a membership that was revoked opens nothing from then on."""
    person = await settled(api)
    token = await person.token()
    asked = "{filings(first:1){totalCount} viewer{membership{id}}}"
    answer = (await api.post(asked, token)).json()["data"]
    held = answer["viewer"]["membership"]["id"]
    assert answer["filings"]["totalCount"] > 0
    await done(api, "city.admin", "revokeMembership", "membership{id}", membershipId=held)
    for headers in ({}, {"x-acting-as": held}):
        refused = (await api.post(asked, token, headers)).json()
        assert refused.get("data") is None
        assert refused["errors"][0]["extensions"]["code"] in {"UNAUTHENTICATED", "FORBIDDEN"}
    export = {"query": "{filings{nodes{id}}}"}
    bearer = {"authorization": f"Bearer {token}"}
    assert (await api.client.post(f"{api.url}/export/csv", json=export, headers=bearer)).status_code in {401, 403}


async def test_aliases_are_no_brute_force(api: Api, database: Database) -> None:
    """Many guesses in one request, under aliases, are as many attempts as they are in requests of their own."""
    person = await settled(api)
    await forget_failures(database)
    guesses = [
        f'a{n}:signIn(input:{{username:"{person.name}",password:"guess {n}"}}){{accessToken userErrors{{code}}}}'
        for n in range(19)
    ]
    right = f'username:"{person.name}",password:"{person.password}"'
    guesses.append(f"a19:signIn(input:{{{right}}}){{accessToken userErrors{{code}}}}")
    whole = (await api.post(f"mutation{{{' '.join(guesses)}}}")).json()
    assert whole["errors"][0]["extensions"]["limit"] == "mutations"
    answers: dict[str, Any] = {}
    for some in (guesses[:10], guesses[10:]):
        answers |= (await api.post(f"mutation{{{' '.join(some)}}}")).json()["data"]
    refused = Counter(code for answer in answers.values() for code in codes(answer))
    assert refused == {"INVALID_INPUT": FAILURES_PER_NAME, "RATE_LIMITED": 20 - FAILURES_PER_NAME}
    assert (answers["a19"]["accessToken"], codes(answers["a19"])) == (None, ["RATE_LIMITED"])
    await forget_failures(database)


async def test_aliases_verify_no_letters_by_the_hundred(settings: Settings) -> None:
    """Codes of letters tried under aliases count one by one against the limit of who verifies letters."""
    limited = settings.model_copy(update={"rate_verify_letter": 10})
    asked = " ".join(f'a{n}:verifyLetter(number:"京信函〔2026〕1号",code:"{n:012}"){{genuine}}' for n in range(25))
    async with serving(limited) as url, httpx.AsyncClient(trust_env=False) as client:
        answers = [(await client.post(f"{url}/graphql", json={"query": f"{{{asked}}}"})).json() for _ in range(2)]
    genuine = [each for answer in answers for each in (answer.get("data") or {}).values() if each]
    assert len(genuine) <= 10
    assert "RATE_LIMITED" in str(answers)


async def test_throttling_holds_on_several_workers_at_once(api: Api, settings: Settings, database: Database) -> None:
    """An attack in parallel, on two workers, gets the guesses of one name and not one more."""
    person = await settled(api)
    await forget_failures(database)
    given = {"i": {"username": person.name, "password": "wrong"}}

    async def guess(url: str) -> str:
        answer = await api.client.post(f"{url}/graphql", json={"query": SIGN_IN, "variables": given})
        return str(answer.json()["data"]["signIn"]["userErrors"][0]["code"])

    async with serving(settings) as other:
        refused = Counter(await asyncio.gather(*(guess(url) for url in (api.url, other) * 30)))
    assert refused == {"INVALID_INPUT": FAILURES_PER_NAME, "RATE_LIMITED": 60 - FAILURES_PER_NAME}
    await forget_failures(database)


async def test_documents_are_remembered_without_the_rights_of_who_sent_them(api: Api) -> None:
    """A document that a worker has planned for one role is planned anew for another, and asked as its own."""
    asked = "{inspections(first:50){totalCount nodes{id}} filings(first:50,orderBy:[{field:CREATED_AT}]){nodes{id}}}"
    people = ("city.officer", "unit.filer", "expert") * 2
    answers = [await api.ask(person, asked) for person in people]
    assert answers[:3] == answers[3:]
    offices, units = ({each["id"] for each in answer["filings"]["nodes"]} for answer in answers[:2])
    home = (await home_of(api, "unit.filer"))["id"]
    assert offices != units
    own = await api.all("unit.filer", "filings", "id unit{id supervisingUnit{id}}")
    assert all(home in {each["unit"]["id"], (each["unit"]["supervisingUnit"] or {}).get("id")} for each in own)
