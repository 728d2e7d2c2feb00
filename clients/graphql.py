"""A person at the platform: signs in, asks, does, uploads; through HTTP only."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx

SIGN_IN = """mutation SignIn($input: SignInInput!) { signIn(input: $input) {
  accessToken viewer { user { displayName } membership { role organisation { name } } } userErrors { message } } }"""
WHO = "query Who { viewer { user { displayName } membership { organisation { name } } } }"
REQUEST_UPLOAD = """mutation RequestUpload($input: RequestUploadInput!) { requestUpload(input: $input) {
  upload { id method url headers { name value } parts { number size received method url headers { name value } } }
  userErrors { code field message } } }"""
RESUME_UPLOAD = """mutation ResumeUpload($input: UploadStepInput!) { resumeUpload(input: $input) {
  upload { id method url headers { name value } parts { number size received method url headers { name value } } }
  userErrors { code field message } } }"""
UPLOADED = """query Uploaded($id: ID!) { node(id: $id) { ... on Document {
  id filename size state rejection checkedBytes } } }"""
COMPLETE_UPLOAD = """mutation CompleteUpload($input: CompleteUploadInput!) { completeUpload(input: $input) {
  document { id filename size state } userErrors { code field message } } }"""


# Parts of a large file that are under way at once, and how often what failed is sent again.
PARTS_AT_ONCE, TRIES = 3, 4
CHECKING_SECONDS = 0.5


Heard = Callable[[int, int], None]
PIECE = 1 << 20


@dataclass(slots=True)
class Sent:
    """How many bytes of a file were sent, and who wants to hear of it."""

    size: int
    heard: Heard | None
    done: int = 0

    def add(self, count: int) -> None:
        """So many more; what is sent again counts once."""
        self.done = min(self.done + count, self.size)
        if self.heard is not None:
            self.heard(self.done, self.size)

    async def pieces(self, content: bytes) -> AsyncIterator[bytes]:
        """``content`` piece by piece, each counted once it was taken."""
        for start in range(0, len(content), PIECE):
            piece = content[start : start + PIECE]
            yield piece
            self.add(len(piece))


class Refused(Exception):  # noqa: N818 - the platform's answer
    """The platform answered with errors; ``errors`` as it gave them."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(f"{each.get('field') or ''} {each['message']}".strip() for each in errors))
        self.errors = errors


@dataclass(slots=True)
class Person:
    """Somebody who is signed in."""

    http: httpx.AsyncClient
    url: str
    name: str
    token: str
    organisation: str

    @classmethod
    async def sign_in(cls, http: httpx.AsyncClient, url: str, username: str, password: str) -> Person:
        """Sign in. Raises: Refused, or httpx.HTTPError when nothing answers."""
        given = {"username": username, "password": password}
        answer = (await _post(http, url, SIGN_IN, {"input": given}, None))["signIn"]
        if answer["userErrors"]:
            raise Refused(answer["userErrors"])
        viewer = answer["viewer"]
        organisation = (viewer["membership"]["organisation"] or {}).get("name", "")
        return cls(http, url, viewer["user"]["displayName"], answer["accessToken"], organisation)

    @classmethod
    async def with_token(cls, http: httpx.AsyncClient, url: str, token: str) -> Person:
        """Whoever an access token is of, a service account's say. Raises: Refused."""
        viewer = (await _post(http, url, WHO, {}, token))["viewer"]
        if viewer is None:
            raise Refused([{"message": "令牌无效或已过期 / the token is not valid, or no longer"}])
        organisation = ((viewer["membership"] or {}).get("organisation") or {}).get("name", "")
        return cls(http, url, (viewer["user"] or {}).get("displayName", ""), token, organisation)

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of a query. Raises: Refused."""
        return await _post(self.http, self.url, document, variables, self.token)

    async def do(self, document: str, **given: Any) -> dict[str, Any]:
        """The payload of a mutation with the one variable ``input``. Raises: Refused."""
        answer = await _post(self.http, self.url, document, {"input": given}, self.token)
        payload: dict[str, Any] = next(iter(answer.values()))
        if payload["userErrors"]:
            raise Refused(payload["userErrors"])
        return payload

    async def upload(
        self, filename: str, content: bytes, purpose: str, *, key: str | None = None, heard: Heard | None = None
    ) -> dict[str, Any]:
        """Put a file into the store, as the platform says, and have it checked: the document. Raises: Refused.

        With the same ``key`` again, an upload that was broken off is taken up: the document is the same one, and what
        the store has is not sent again. ``heard`` is told how many bytes were sent so far, of how many.
        """
        digest = hashlib.sha256(content).hexdigest()
        given = {"filename": filename, "size": len(content), "sha256": digest, "purpose": purpose}
        upload = (await self.do(REQUEST_UPLOAD, **given, idempotencyKey=key))["upload"]
        sent = Sent(len(content), heard)
        if key is not None:
            known = (await self.ask(UPLOADED, id=upload["id"]))["node"]
            if known["state"] in {"CHECKING", "STORED"}:
                return await self._checked(known)
        if not await self._put(upload, content, sent):
            # Granted so long ago that the grant has lapsed: another one, for another document.
            upload = (await self.do(REQUEST_UPLOAD, **given))["upload"]
            if not await self._put(upload, content, sent):
                raise Refused([{"message": f"存储未接受 {filename} / the store did not take it"}])
        completed = await self.do(COMPLETE_UPLOAD, uploadId=upload["id"])
        return await self._checked(completed["document"])

    async def _checked(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document once it was looked into, which takes a while if it is large. Raises: Refused."""
        while document["state"] == "CHECKING":
            await asyncio.sleep(CHECKING_SECONDS)
            document = (await self.ask(UPLOADED, id=document["id"]))["node"]
        if document["state"] == "REJECTED":
            raise Refused([{"message": document["rejection"]}])
        return document

    async def _put(self, upload: dict[str, Any], content: bytes, told: Sent) -> bool:
        """Whether the store took the bytes, or has them already; large files go in parts, again where it broke off."""
        if not upload["parts"]:
            return await self._send(upload, content, told)
        size, whole = upload["parts"][0]["size"], memoryview(content)
        for tried in range(TRIES):
            if tried == 0:
                # What came before it was broken off is not sent again.
                upload = (await self.do(RESUME_UPLOAD, uploadId=upload["id"]))["upload"]
                told.add(sum(part["size"] for part in upload["parts"] if part["received"]))
            lacking = [part for part in upload["parts"] if not part["received"]]
            for at in range(0, len(lacking), PARTS_AT_ONCE):
                sent = (
                    self._send(part, bytes(whole[(part["number"] - 1) * size :][: part["size"]]), told)
                    for part in lacking[at : at + PARTS_AT_ONCE]
                )
                await asyncio.gather(*sent, return_exceptions=True)
            upload = (await self.do(RESUME_UPLOAD, uploadId=upload["id"]))["upload"]
            if all(part["received"] for part in upload["parts"]):
                return True
        return False

    async def _send(self, target: dict[str, Any], content: bytes, told: Sent) -> bool:
        headers = {header["name"]: header["value"] for header in target["headers"]}
        pieces = told.pieces(content)
        answer = await self.http.request(target["method"], target["url"], content=pieces, headers=headers)
        return answer.is_success or answer.status_code == httpx.codes.PRECONDITION_FAILED


async def _post(
    http: httpx.AsyncClient, url: str, document: str, variables: dict[str, Any], token: str | None
) -> dict[str, Any]:
    headers = {"Accept": "application/graphql-response+json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    answer = await http.post(f"{url}/graphql", json={"query": document, "variables": variables}, headers=headers)
    given = answer.json()
    if "errors" in given:
        raise Refused(given["errors"])
    data: dict[str, Any] = given["data"]
    return data
