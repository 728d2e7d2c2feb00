"""Ways in which systems like ours have leaked files, links and digests; each test names its row."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from clients.papers import archive
from domain.documents.downloads import DOWNLOAD_TIME
from storage.database import Database
from tests.e2e.flows import codes, done
from tests.e2e.test_uploads import UPLOAD, announced, put
from tests.support import Api

OWNER, STRANGERS = "unit.filer", ("expert", "assessor", "unit.filer@tianjin", "city.officer@tianjin")
UNKNOWN = "doc_00000000-0000-7000-8000-000000000000"


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
async def document(api: Api, http: httpx.AsyncClient) -> str:
    """A stored document that is its owner's alone."""
    content = archive(uuid.uuid4().hex)
    granted = await done(api, OWNER, "requestUpload", UPLOAD, **announced(content))
    await put(http, granted, content)
    await done(api, OWNER, "completeUpload", "document{id}", uploadId=granted["id"])
    return str(granted["id"])


async def test_download_by_id_cross_tenant_404(api: Api, document: str) -> None:
    """Row 35: a file by its id, over organisations and cities."""
    for stranger in STRANGERS:
        for id_ in (document, UNKNOWN):
            refused = await api.do(stranger, "requestDownload", "download{url} document{id}", documentId=id_)
            assert codes(refused) == ["NOT_FOUND"]
            assert refused["download"] is refused["document"] is None
        seen = await api.ask(stranger, "query($id:ID!){node(id:$id){id}}", id=document)
        assert seen["node"] is None


async def test_presign_key_derived_from_row_not_input(api: Api, database: Database, document: str) -> None:
    """Row 36: links to whatever key a client names. Keys are the platform's own and lie under the caller's city."""
    tenant = await database.directory.resolve_tenant("beijing")
    name = f"{tenant}-content-x.pdf"
    given = {**announced(archive("x"), name), "filename": name}
    granted = await done(api, OWNER, "requestUpload", "upload{id url}", **given)
    path = urlsplit(granted["url"]).path
    assert path.endswith(f"/{tenant}/uploads/{granted['id'].removeprefix('doc_')}")
    link = (await done(api, OWNER, "requestDownload", "download{url}", documentId=document))["url"]
    assert f"/{tenant}/" in urlsplit(link).path


async def test_presign_ttl(api: Api, document: str) -> None:
    """Row 36: links that are good for ever."""
    granted = await done(api, OWNER, "requestDownload", "download{url expiresAt}", documentId=document)
    seconds = int(parse_qs(urlsplit(granted["url"]).query)["X-Amz-Expires"][0])
    assert seconds == DOWNLOAD_TIME.total_seconds() <= 300
    left = dt.datetime.fromisoformat(granted["expiresAt"]) - dt.datetime.now(dt.UTC)
    assert left <= DOWNLOAD_TIME


async def test_a_link_is_good_for_one_object_and_one_method(api: Api, http: httpx.AsyncClient, document: str) -> None:
    """Row 36: a link that is changed to another object, name, method or life is refused by the store."""
    link = (await done(api, OWNER, "requestDownload", "download{url}", documentId=document))["url"]
    parts = urlsplit(link)
    other = parts._replace(path=f"{parts.path}x").geturl()
    longer = link.replace("X-Amz-Expires=300", "X-Amz-Expires=30000")
    assert (await http.get(link)).status_code == 200
    for changed in (other, longer, link.replace("attachment", "inline"), link.partition("?")[0]):
        assert (await http.get(changed)).status_code == 403
    for method in ("PUT", "DELETE"):
        assert (await http.request(method, link)).status_code == 403


async def test_same_error_shape_for_what_is_anothers_and_what_is_not(
    api: Api, http: httpx.AsyncClient, document: str
) -> None:
    """Row 36: 403 for what is there and 404 for what is not tells which ids there are; on every way to a file."""
    for stranger in ("district.officer", "unit.filer@tianjin"):
        for step in ("resumeUpload", "abortUpload", "completeUpload"):
            selection = "upload{id}" if step == "resumeUpload" else "document{id}"
            one, other = [await api.do(stranger, step, selection, uploadId=id_) for id_ in (document, UNKNOWN)]
            assert one == other
        token = {"authorization": f"Bearer {await api.token(stranger)}"}
        answers = [
            await http.put(f"{api.url}/uploads/{id_}", content=b"x", headers=token)
            for id_ in (document, UNKNOWN, "nonsense", document.replace("doc_", "fil_"))
        ]
        assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


async def test_a_digest_alone_opens_nothing(api: Api, http: httpx.AsyncClient) -> None:
    """Row 36: stores that keep the same content once have handed it to whoever named its digest."""
    content = archive(uuid.uuid4().hex)
    granted = await done(api, OWNER, "requestUpload", UPLOAD, **announced(content))
    await put(http, granted, content)
    await done(api, OWNER, "completeUpload", "document{id}", uploadId=granted["id"])
    # Another knows name, size and digest, and does not have the file.
    claimed = await done(api, "district.officer", "requestUpload", UPLOAD, **announced(content))
    never = await done(api, "district.officer", "requestUpload", UPLOAD, **announced(archive(uuid.uuid4().hex)))
    for each in (claimed, never):
        refused = await api.do("district.officer", "completeUpload", "document{id}", uploadId=each["id"])
        assert codes(refused) == ["UPLOAD_REJECTED"]
        assert refused["userErrors"][0]["message"].startswith("尚未收到文件")
    assert {*claimed} == {*never}
    assert claimed["receivedBytes"] == never["receivedBytes"] == 0


async def test_entries_are_seen_with_their_archive(api: Api, document: str) -> None:
    """Rows 2 and 20: what an archive holds, read from the side; entries, their count, and each by its own id."""
    question = "query($id:ID!){node(id:$id){...on Document{entries(first:50){totalCount nodes{id name sha256}}}}}"
    mine = (await api.ask(OWNER, question, id=document))["node"]["entries"]
    assert mine["totalCount"] == len(mine["nodes"]) > 0
    for stranger in STRANGERS:
        assert (await api.ask(stranger, question, id=document))["node"] is None
        for entry in mine["nodes"]:
            seen = await api.ask(stranger, "query($id:ID!){node(id:$id){id}}", id=entry["id"])
            assert seen["node"] is None


async def test_an_upload_is_its_makers_organisations_alone(api: Api, http: httpx.AsyncClient) -> None:
    """Row 31: a step on another's object by its id, and inputs that would set whose it is."""
    content = archive(uuid.uuid4().hex)
    granted = await done(api, OWNER, "requestUpload", UPLOAD, **announced(content))
    await put(http, granted, content)
    for stranger in ("district.officer", "city.officer", "assessor"):
        refused = await api.do(stranger, "completeUpload", "document{id}", uploadId=granted["id"])
        assert codes(refused) == ["NOT_FOUND"]
    fields = await api.ask(OWNER, '{__type(name:"RequestUploadInput"){inputFields{name}}}')
    given = {field["name"] for field in fields["__type"]["inputFields"]}
    assert given == {"filename", "size", "sha256", "purpose", "idempotencyKey"}
