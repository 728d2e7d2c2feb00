"""The front's defences: headers, origins, rates, introspection, what is logged, where we call."""

from __future__ import annotations

import io
import json
import logging

import httpcore
import httpx
import pytest
import structlog

from api.http import logs
from api.http.rates import Rates
from storage.outgoing import is_public, outgoing_client
from storage.settings import Settings
from tests.support import SIGN_IN, Api, serving


async def test_every_answer_has_the_security_headers(api: Api) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answers = [
            await client.get(f"{api.url}{path}") for path in ("/healthz", "/nowhere", "/graphql?query={__typename}")
        ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers or answer.headers["server"] == "uvicorn"


PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}


async def test_pages_of_other_origins_are_kept_out_unless_a_setting_names_them(api: Api, settings: Settings) -> None:
    page, stranger = "https://console.example.cn", "https://evil.example"
    async with httpx.AsyncClient(trust_env=False) as client:
        shut = await client.options(f"{api.url}/graphql", headers={**PREFLIGHT, "origin": page})
        assert "access-control-allow-origin" not in shut.headers
        open_to_page = settings.model_copy(
            update={"cors_origins": page, "introspection": False, "public_url": "https://dengbao.example.cn",
                    "rate_per_address": 5, "rate_verify_letter": 2}
        )  # fmt: skip
        async with serving(open_to_page) as url:
            allowed = await client.options(f"{url}/graphql", headers={**PREFLIGHT, "origin": page})
            assert allowed.headers["access-control-allow-origin"] == page
            assert "access-control-allow-credentials" not in allowed.headers
            refused = await client.options(f"{url}/graphql", headers={**PREFLIGHT, "origin": stranger})
            assert "access-control-allow-origin" not in refused.headers
            assert "max-age" in allowed.headers["strict-transport-security"]
            # The schema is not served, whoever asks; data is.
            bearer = {"authorization": f"Bearer {await api.token('city.officer')}"}
            schema = await client.post(f"{url}/graphql", json={"query": "{__schema{types{name}}}"}, headers=bearer)
            assert schema.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
            named = await client.post(f"{url}/graphql", json={"query": '{__type(name:"Filing"){name}}'}, headers=bearer)
            assert named.json()["data"] == {"__type": None}
            await _is_limited(client, url, bearer)


async def _is_limited(client: httpx.AsyncClient, url: str, bearer: dict[str, str]) -> None:
    """Codes of letters cannot be tried out, under however many names; nor can anything by who is not signed in."""
    many = " ".join(f'v{n}:verifyLetter(number:"x",code:"{n}"){{genuine}}' for n in range(5))
    tried = (await client.post(f"{url}/graphql", json={"query": f"{{{many}}}"}, headers=bearer)).json()
    assert {error["extensions"]["code"] for error in tried["errors"]} == {"RATE_LIMITED"}
    assert len(tried["errors"]) == 3
    wrong = {"authorization": "Bearer x.y.z"}
    answers = [await client.post(f"{url}/graphql", json={"query": "{__typename}"}, headers=wrong) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0
    # Who is signed in has an allowance of his own.
    mine = await client.post(f"{url}/graphql", json={"query": "{__typename}"}, headers=bearer)
    assert mine.status_code == 200


def test_a_bucket_fills_again_with_time() -> None:
    now = [0.0]
    rates = Rates(60, lambda: now[0])
    assert [rates.take("a") for _ in range(61)] == [0] * 60 + [1]
    assert rates.take("b") == 0
    now[0] = 2.0
    assert [rates.take("a") for _ in range(3)] == [0, 0, 1]


INSIDE = ("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1")  # noqa: S104


@pytest.mark.parametrize("address", [*INSIDE, "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1"])
def test_addresses_of_our_own_network_are_not_public(address: str) -> None:
    assert not is_public(address)


async def test_outgoing_calls_do_not_reach_inside(api: Api, settings: Settings) -> None:
    """Nor by a name that means an address of ours, unless the settings name it."""
    port = httpx.URL(api.url).port
    async with outgoing_client(settings) as client:
        for url in (api.url, f"http://localhost:{port}/", "http://[::1]:1/", "http://169.254.169.254/latest/meta-data"):
            with pytest.raises((httpx.ConnectError, httpcore.ConnectError)):
                await client.get(url)
    async with outgoing_client(settings.model_copy(update={"outgoing_inside": "localhost"})) as client:
        assert (await client.get(f"http://localhost:{port}/healthz")).status_code == 200


def test_secrets_are_never_logged() -> None:
    """Whatever a line is given under a name that says so, however deep."""
    written = io.StringIO()
    names = (
        "password",
        "newPassword",
        "Authorization",
        "refreshToken",
        "client_secret",
        "set-cookie",
        "totp",
        "variables",
    )
    for name in names:
        event = logs._without_secrets(None, "info", {"event": "x", name: "hunter2", "facts": {name: {"a": "hunter2"}}})
        written.write(json.dumps(event, ensure_ascii=False))
    assert "hunter2" not in written.getvalue()


async def test_a_sign_in_leaves_neither_password_nor_token_in_the_log(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logged:
        wrong = {"username": "unit.filer", "password": "hunter2-hunter2"}
        answer = (await api.post(SIGN_IN, i=wrong)).json()
        await api.post("{viewer{user{id}}}", await api.token("unit.filer"))
    assert answer["data"]["signIn"]["userErrors"]
    assert "hunter2" not in str(logged) + caplog.text
    assert api.tokens["unit.filer"] not in str(logged) + caplog.text
