"""What one city could learn of another through caches, exports, uniqueness, digests and the trail."""

from __future__ import annotations

import asyncio
import hashlib
import uuid

import httpx
import pytest

from tests.support import Api

CITIES = ("unit.filer", "unit.filer@tianjin")


async def test_loader_new_per_request(api: Api) -> None:
    """Row 34: the same document, at once, in the same worker, for two cities and several roles: to each its own."""
    asked = "{systems(first:50){nodes{id}} viewer{user{id} tenant{name}}}"
    people = ("city.officer", "city.officer@tianjin", "unit.filer", "unit.filer@tianjin", "expert", "assessor")
    alone = {person: await api.ask(person, asked) for person in people}
    together = await asyncio.gather(*(api.ask(person, asked) for person in people * 6))
    for person, answer in zip(people * 6, together, strict=True):
        assert answer == alone[person]
    ids = {person: {node["id"] for node in alone[person]["systems"]["nodes"]} for person in people}
    assert ids["city.officer"]
    assert not ids["city.officer"] & ids["city.officer@tianjin"]


async def test_idempotency_key_is_ones_own(api: Api) -> None:
    """Another person's key gives nothing of that person's answer, in the same city or in another."""
    key = uuid.uuid4().hex
    made = [
        await api.do(
            person, "createSystem", "system{id name}", name=f"键{n}", code=f"K{key[:6]}{n}", idempotencyKey=key
        )
        for n, person in enumerate(CITIES)
    ]
    assert [each["system"]["name"] for each in made] == ["键0", "键1"]
    again = await api.do(
        "unit.filer", "createSystem", "system{id name}", name="键0", code=f"K{key[:6]}0", idempotencyKey=key
    )
    assert again == made[0]


async def test_a_value_that_another_city_has_can_be_had(api: Api) -> None:
    """Row 44: what has to be unique is so within a city, and tells nothing of another."""
    code = f"U{uuid.uuid4().hex[:8]}"
    for person in CITIES:
        made = await api.do(person, "createSystem", "system{id}", name="同号系统", code=code)
        assert made["userErrors"] == []


async def test_an_upload_does_not_tell_what_another_city_has_stored(api: Api) -> None:
    """The digest of another city's file is answered as any other."""
    digest = hashlib.sha256(uuid.uuid4().bytes).hexdigest()
    given = {"filename": "a.pdf", "size": 100, "sha256": digest, "purpose": "OTHER"}
    granted = [await api.do(person, "requestUpload", "upload{method}", **given) for person in CITIES]
    assert granted[0] == granted[1]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
async def test_download_by_id_cross_tenant_404(api: Api, suffix: str) -> None:
    """Row 35: an export holds the caller's rows and no column that is hidden from him."""
    query = {"query": "{systems{nodes{id name}}}"}
    files = []
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        for person in ("city.officer", "city.officer@tianjin"):
            headers = {"authorization": f"Bearer {await api.token(person)}"}
            files.append((await client.post(f"{api.url}/export/{suffix}", json=query, headers=headers)).content)
    if suffix == "csv":
        first, second = ({line.split(b",")[0] for line in file.splitlines()[1:]} for file in files)
        assert first
        assert second
        assert not first & second
    assert files[0] != files[1]


async def test_the_trail_of_another_city_is_out_of_reach(api: Api) -> None:
    """An event's id, or a subject's, from elsewhere finds nothing, whoever asks."""
    events = (await api.ask("city.admin@tianjin", "{auditEvents(first:3){nodes{id}}}"))["auditEvents"]["nodes"]
    assert events
    for event in events:
        assert (await api.ask("city.admin", "query($i:ID!){node(id:$i){id}}", i=event["id"]))["node"] is None


async def test_an_event_shows_its_own_changes_only(api: Api) -> None:
    """Each event's changes are worked out from its own row: one does not show the values of the next."""
    names = [f"甲{uuid.uuid4().hex[:6]}", f"乙{uuid.uuid4().hex[:6]}"]
    made = [await api.do("unit.filer", "createSystem", "system{id}", name=name, code=name[1:]) for name in names]
    for name, system in zip(names, made, strict=True):
        asked = 'query($i:ID!){auditEvents(filter:{subjectId:$i,action:"createSystem"}){nodes{changes{field after}}}}'
        (event,) = (await api.ask("city.admin", asked, i=system["system"]["id"]))["auditEvents"]["nodes"]
        assert [each["after"] for each in event["changes"] if each["field"] == "name"] == [name]
