"""``dengbao authz`` as the operator runs it: what it says of the running installation, and with what it exits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from authz.permissions import PERMISSIONS
from storage.settings import Settings, SetupError
from tests.support import Api

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def dengbao(settings: Settings) -> Run:
    """Runs a command with the test's servers, in a loop of its own."""
    given = {
        "DENGBAO_DATABASE_URL": settings.database_url or "",
        "DENGBAO_S3_ENDPOINT": settings.s3_endpoint or "",
        "DENGBAO_S3_ACCESS_KEY": settings.s3_access_key or "",
        "DENGBAO_S3_SECRET_KEY": settings.s3_secret_key or "",
        "DENGBAO_DATA_DIR": str(settings.data_dir),
        "COLUMNS": "400",
    }

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, words, env=given)

    return run


async def test_explain_follows_a_decision_layer_by_layer(api: Api, dengbao: Run) -> None:
    (draft, *_) = await api.all("unit.filer", "filings", "id", ",filter:{state:DRAFT}")
    may = await dengbao("authz", "explain", "unit.approver", "submitFiling", draft["id"])
    assert may.exit_code == 0, may.output
    assert "允许 / may" in may.output
    assert "✗" not in may.output
    layers = [line.split()[1].rstrip(":") for line in may.output.splitlines() if line.startswith("  ✓")]
    assert layers == ["account", "membership", "policy", "row-level", "row"]
    refused = await dengbao("authz", "explain", "unit.filer", "submitFiling", draft["id"])
    assert refused.exit_code == 1
    assert "拒绝 / may not" in refused.output
    assert "✗ policy: no line for UNIT or UNIT.FILER" in refused.output
    # The last line is the predicate itself that a read of the row would have.
    assert "tenant_id = " in may.output.splitlines()[-1]


async def test_explain_agrees_with_the_server(api: Api, dengbao: Run) -> None:
    (filing, *_) = await api.all("unit.filer", "filings", "id", ",filter:{state:DRAFT}")
    for person in ("city.officer", "unit.filer", "expert", "unit.filer@tianjin"):
        said = await dengbao("authz", "explain", person, "filings", filing["id"])
        node = (await api.ask(person, "query($i:ID!){node(id:$i){id}}", i=filing["id"]))["node"]
        assert (said.exit_code == 0) is (node is not None), said.output


async def test_what_does_not_exist_is_said(dengbao: Run) -> None:
    for words, what in (
        (("nobody.here", "submitFiling"), "nobody.here"),
        (("unit.filer@nowhere", "submitFiling"), "nowhere"),
        (("unit.filer", "submitFiling", "fil_x"), "fil_x"),
    ):
        done = await dengbao("authz", "explain", *words)
        # ``dengbao`` makes one line and exit code 2 of it (tests/test_cli.py).
        assert isinstance(done.exception, SetupError), done.output
        assert what in str(done.exception)


async def test_matrix_has_a_line_for_every_operation_and_what_a_city_changed(api: Api, dengbao: Run) -> None:
    shipped = await dengbao("authz", "matrix")
    assert shipped.exit_code == 0
    lines = dict(line.split(": ", 1) for line in shipped.output.splitlines() if ": " in line)
    assert lines.keys() >= PERMISSIONS.keys()
    assert lines["submitFiling"] == "UNIT.APPROVER"
    given = {"role": "CITY_OFFICE", "duty": "LEADER", "operation": "setSystemImportance", "reason": "试行"}
    try:
        made = await api.do("city.admin@tianjin", "setPermission", "policyChange{id}", **given, allowed=True)
        assert made["userErrors"] == []
        citys = await dengbao("authz", "matrix", "--city", "tianjin")
        changed = next(line for line in citys.output.splitlines() if line.startswith("setSystemImportance: "))
        assert changed.split()[1:] == ["+CITY_OFFICE.LEADER", "CITY_OFFICE.OFFICER"]
        assert lines["setSystemImportance"] == "CITY_OFFICE.OFFICER"
    finally:
        await api.do("city.admin@tianjin", "setPermission", "policyChange{id}", **given, allowed=False)
