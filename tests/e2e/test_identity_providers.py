"""Signing in at a real identity provider, a process of its own: with its tokens as bearers, and as a browser does."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import socket
import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from authz.providers import ProviderError, read_providers
from storage.declared import OutgoingError, require_declared
from storage.settings import Settings
from tests.e2e.flows import codes
from tests.support import Api, reachable, serving

VIEWER = "{viewer{user{login displayName} membership{role duties} memberships{role} sessions{id method}}}"
REFRESH = "mutation($i:RefreshSessionInput!){refreshSession(input:$i){accessToken refreshToken userErrors{code}}}"
DECLARATION = """
[[provider]]
name = "city-sso"
city = "beijing"
issuer = "{issuer}"
client_id = "dengbao"
client_secret = "secret"
algorithms = ["RS256"]

[[provider.rule]]
claim = "groups"
value = "officers"
organisation = "北京市信息化工作办公室"
role = "CITY_OFFICE"
duties = ["OFFICER"]

[[provider.rule]]
claim = "groups"
value = "experts"
organisation = "北京市信息化工作办公室"
role = "EXPERT"
duties = ["EXPERT"]
"""


@dataclass
class Outside:
    """The provider, and a server of ours that knows it."""

    issuer: str
    url: str
    client: httpx.AsyncClient

    async def know(self, subject: str, **claims: Any) -> None:
        """Make the provider know somebody."""
        answer = await self.client.put(f"{self.issuer}/users/{subject}", json=claims)
        assert answer.status_code < 300, answer.text

    async def ask(self, token: str, document: str = VIEWER) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}", "accept": "application/graphql-response+json"}
        return await self.client.post(f"{self.url}/graphql", json={"query": document}, headers=headers)

    async def id_token(self, subject: str, client_id: str = "dengbao") -> str:
        """An id token that the provider gives some program for a person."""
        back = "https://example.cn/back"
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": back,
            "scope": "openid profile",
            "nonce": uuid.uuid4().hex,
        }
        agreed = await self.client.post(f"{self.issuer}/oauth2/authorize", params=query, data={"sub": subject})
        code = parse_qs(urlsplit(agreed.headers["location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        answer = await self.client.post(f"{self.issuer}/oauth2/token", data=form, auth=(client_id, "secret"))
        return str(answer.json()["id_token"])

    async def to_the_provider(self) -> tuple[httpx.Response, str]:
        """A browser leaves: our answer, and its cookie."""
        leaving = await self.client.get(f"{self.url}/sign-in/city-sso")
        assert leaving.status_code == 303, leaving.text
        found = re.match(r"dengbao-sign-in=([^;]+)", leaving.headers["set-cookie"])
        assert found
        return leaving, found[1]

    async def agree(self, leaving: httpx.Response, subject: str) -> str:
        """The person agrees at the provider: where the browser is sent back to."""
        agreed = await self.client.post(leaving.headers["location"], data={"sub": subject})
        return str(agreed.headers["location"])

    async def back(self, address: str, cookie: str) -> httpx.Response:
        """The browser comes back."""
        parts = urlsplit(address)
        headers = {"cookie": f"dengbao-sign-in={cookie}"}
        return await self.client.get(f"{self.url}{parts.path}?{parts.query}", headers=headers)


@pytest.fixture(scope="module")
async def outside(api: Api, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outside]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--host", "127.0.0.1"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet, env={**os.environ})
    issuer = f"http://127.0.0.1:{port}"
    declaration = reachable(tmp_path_factory.mktemp("oidc")) / "providers.toml"
    declaration.write_text(DECLARATION.format(issuer=issuer), encoding="utf-8")
    try:
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            async with asyncio.timeout(60):
                while True:
                    try:
                        await client.get(f"{issuer}/.well-known/openid-configuration")
                        break
                    except httpx.TransportError:
                        await asyncio.sleep(0.1)
            async with serving(
                settings.model_copy(update={"identity_providers": declaration, "outgoing_inside": "127.0.0.1"})
            ) as url:
                yield Outside(issuer, url, client)
    finally:
        process.terminate()
        await process.wait()


async def someone(outside: Outside, *groups: str) -> str:
    """Somebody whom the provider knows: the subject, which is the user name too."""
    name = f"sso{uuid.uuid4().hex[:10]}"
    await outside.know(name, preferred_username=name, name="外部人员", groups=list(groups))
    return name


async def test_a_browser_signs_in_and_its_claims_are_its_memberships(outside: Outside) -> None:
    name = await someone(outside, "officers", "experts")
    leaving, cookie = await outside.to_the_provider()
    sent = parse_qs(urlsplit(leaving.headers["location"]).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert sent["response_type"] == ["code"]
    assert "httponly" in leaving.headers["set-cookie"].lower()
    assert "samesite=lax" in leaving.headers["set-cookie"].lower()
    came = await outside.back(await outside.agree(leaving, name), cookie)
    assert came.status_code == 200, came.text
    token = came.json()["refreshToken"]
    body = {"query": REFRESH, "variables": {"i": {"refreshToken": token}}}
    signed = (await outside.client.post(f"{outside.url}/graphql", json=body)).json()["data"]["refreshSession"]
    viewer = (await outside.ask(signed["accessToken"])).json()["data"]["viewer"]
    assert viewer["user"] == {"login": name, "displayName": "外部人员"}
    assert {each["role"] for each in viewer["memberships"]} == {"CITY_OFFICE", "EXPERT"}
    assert [session["method"] for session in viewer["sessions"]] == ["PROVIDER"]
    # What was in the address is of no use to who reads it there later, and ends the session.
    again = (await outside.client.post(f"{outside.url}/graphql", json=body)).json()["data"]["refreshSession"]
    assert codes(again) == ["INVALID_INPUT"]
    assert (await outside.ask(signed["accessToken"])).status_code == 401


async def test_what_the_provider_takes_back_is_revoked(outside: Outside) -> None:
    name = await someone(outside, "officers", "experts")
    first = await outside.id_token(name)
    assert len((await outside.ask(first)).json()["data"]["viewer"]["memberships"]) == 2
    await outside.know(name, preferred_username=name, name="外部人员", groups=["experts"])
    second = await outside.id_token(name)
    viewer = (await outside.ask(second)).json()["data"]["viewer"]
    assert [each["role"] for each in viewer["memberships"]] == ["EXPERT"]


async def test_a_bearer_token_of_the_provider_is_one_session_that_can_be_ended(outside: Outside, api: Api) -> None:
    name = await someone(outside, "officers")
    token = await outside.id_token(name)
    answers = await asyncio.gather(*(outside.ask(token) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    viewer = answers[0].json()["data"]["viewer"]
    assert len(viewer["sessions"]) == 1
    end = f'mutation{{revokeSession(input:{{sessionId:"{viewer["sessions"][0]["id"]}"}}){{revoked}}}}'
    assert (await outside.ask(token, end)).json()["data"]["revokeSession"] == {"revoked": True}
    assert (await outside.ask(token)).status_code == 401


async def test_who_has_no_membership_does_not_enter(outside: Outside) -> None:
    assert (await outside.ask(await outside.id_token(await someone(outside)))).status_code == 401


async def test_a_user_name_of_ours_is_not_handed_to_whoever_bears_it_elsewhere(outside: Outside) -> None:
    subject = uuid.uuid4().hex
    await outside.know(subject, preferred_username="city.admin", groups=["officers"])
    assert (await outside.ask(await outside.id_token(subject))).status_code == 401


async def test_tokens_for_others_or_by_others_are_refused(outside: Outside) -> None:
    name = await someone(outside, "officers")
    assert (await outside.ask(await outside.id_token(name, "another-client"))).status_code == 401
    good = await outside.id_token(name)
    claims = jwt.decode(good, options={"verify_signature": False})
    hmac = jwt.encode(claims, "k" * 40, algorithm="HS256")
    unsigned = jwt.encode(claims, None, algorithm="none")
    elsewhere = jwt.encode(claims, "k" * 40, algorithm="HS256", headers={"jku": "http://127.0.0.1:1/keys", "kid": "x"})
    head, payload, signature = good.split(".")
    flipped = base64.urlsafe_b64encode(bytes([*base64.urlsafe_b64decode(signature + "==")][::-1])).decode().rstrip("=")
    for token in (hmac, unsigned, elsewhere, f"{head}.{payload}.{flipped}"):
        assert (await outside.ask(token)).status_code == 401
    assert (await outside.ask(good)).status_code == 200


async def test_the_way_back_is_the_browsers_that_left(outside: Outside) -> None:
    name = await someone(outside, "officers")
    leaving, cookie = await outside.to_the_provider()
    _, others = await outside.to_the_provider()
    address = await outside.agree(leaving, name)
    for wrong in ("", "x", others):
        assert (await outside.back(address, wrong)).status_code == 401
    assert (await outside.back(address.replace("code=", "code=x"), cookie)).status_code == 401
    assert (await outside.client.get(f"{outside.url}/sign-in/nobody")).status_code == 401


@pytest.mark.parametrize(
    "url",
    [
        "http://sso.example.cn/keys", "https://169.254.169.254/latest", "https://sso.example.cn.evil.cn/",
        "https://user@sso.example.cn/", "file:///etc/passwd", "https://sso.example.cn:8443/", "http://127.0.0.1:5432/",
    ],
)  # fmt: skip
def test_no_request_goes_where_none_was_declared(url: str) -> None:
    with pytest.raises(OutgoingError):
        require_declared(url, frozenset({"sso.example.cn"}))


def test_a_wrong_declaration_is_told(tmp_path: Path) -> None:
    file = tmp_path / "providers.toml"
    for text in ("[[provider", '[[provider]]\nname = "x"', DECLARATION.format(issuer="x").replace("RS256", "HS256")):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ProviderError):
            read_providers(file)
