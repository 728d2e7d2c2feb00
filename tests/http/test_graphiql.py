"""GraphiQL is there when it is asked for, and nowhere otherwise."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from api.http.graphiql import PACKAGES, GraphiQL
from tests.support import Api

HTML = {"accept": "text/html"}


class Page:
    """An endpoint out of a function of the page."""

    def __init__(self, graphiql: GraphiQL) -> None:
        self.graphiql = graphiql

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        await self.graphiql.page(scope, receive, send)  # type: ignore[arg-type]  # ASGI's own types


def client(folder: Path) -> httpx.AsyncClient:
    graphiql = GraphiQL(folder)
    app = Starlette(routes=[Route("/graphql", Page(graphiql)), Mount("/graphiql", graphiql.assets)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x")


async def test_it_is_off_unless_it_is_switched_on(api: Api) -> None:
    for path in ("/graphql", "/graphiql", "/graphiql/start.js"):
        answer = await api.client.get(f"{api.url}{path}", headers=HTML)
        assert "graphiql" not in answer.text.lower()


@pytest.mark.parametrize("name", [name for package in PACKAGES for name in package.files])
async def test_the_page_loads_only_what_is_served_here(tmp_path: Path, name: str) -> None:
    for package in PACKAGES:
        for file in package.files:
            (tmp_path / file).write_text("kept")
    async with client(tmp_path) as http:
        page = await http.get("/graphql", headers=HTML)
        assert page.status_code == 200
        assert f"/graphiql/{name}" in page.text
        assert "http://" not in page.text
        assert "https://" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (await http.get(f"/graphiql/{name}")).text == "kept"
        assert (await http.get("/graphiql/../secret")).status_code == 404


def test_what_is_not_what_was_pinned_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pinned"):
        GraphiQL(tmp_path)._unpack(PACKAGES[0], b"something else")
    assert list(tmp_path.iterdir()) == []
