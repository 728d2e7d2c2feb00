"""GraphiQL for browsers, off unless DENGBAO_GRAPHIQL is set.

Its assets are fetched from the npm registry when the page is first opened, pinned by npm's own integrity digests, kept
in the data directory and served from here: the page itself loads nothing from anywhere else.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import tarfile
from pathlib import Path
from typing import NamedTuple

import httpx
import structlog
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger(component="graphiql")


class Package(NamedTuple):
    """A pinned npm package and the files of it that are served, by the names they get."""

    name: str
    version: str
    sha512: str
    files: dict[str, str]


PACKAGES = (
    Package(
        "react",
        "18.3.1",
        "wS+hAgJShR0KhEvPJArfuPVN1+Hz1t0Y6n5jLrGQbkb4urgPE/0Rve+1kMB1v/oWgHgm4WIcV+i7F2pTVj+2iQ==",
        {"react.js": "package/umd/react.production.min.js"},
    ),
    Package(
        "react-dom",
        "18.3.1",
        "5m4nQKp+rZRb09LNH59GM4BxTh9251/ylbKIbpe7TpGxfJ+9kv6BLkLBXIjjspbgbnIBNqlI23tRnTWT0snUIw==",
        {"react-dom.js": "package/umd/react-dom.production.min.js"},
    ),
    Package(
        "graphiql",
        "3.9.0",
        "rJYFlHdBbug9+YbFSwRVvgfPjCayC7wHecZkx/qB4XLuQPFQZw/yB9pmHFtOJV6RiNBBHro3u1GdocKa3YcGRA==",
        {"graphiql.js": "package/graphiql.min.js", "graphiql.css": "package/graphiql.min.css"},
    ),
)
START = b"""
const fetcher = async (params, options) => {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {'Content-Type': 'application/json', 'Accept': 'application/graphql-response+json',
              ...(options && options.headers)},
    body: JSON.stringify(params),
  });
  return response.json();
};
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {fetcher, shouldPersistHeaders: false}));
"""
PAGE = """<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>GraphiQL</title>
<link rel="stylesheet" href="/graphiql/graphiql.css"><style>body{margin:0}#graphiql{height:100vh}</style></head><body>
<div id="graphiql"></div><script src="/graphiql/react.js"></script><script src="/graphiql/react-dom.js"></script>
<script src="/graphiql/graphiql.js"></script><script src="/graphiql/start.js"></script></body></html>"""
ABSENT = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>GraphiQL</title>
<p>无法从 npm 仓库取得 GraphiQL 的文件。请联网后刷新本页;接口本身不受影响。</p>
<p>GraphiQL's files could not be fetched from the npm registry. Connect and reload; the API itself is not affected.</p>
</html>"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'"
)
HEADERS = {"content-security-policy": POLICY}
TYPES = {".js": "text/javascript", ".css": "text/css"}


class GraphiQL:
    """The page (``page``) and its assets (``assets``), kept in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fetching = asyncio.Lock()

    async def page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The page; or, where its assets cannot be had, one that says so."""
        try:
            async with self._fetching:
                await self._fetch()
            answer = HTMLResponse(PAGE, headers=HEADERS)
        except (httpx.HTTPError, OSError, ValueError, KeyError, tarfile.TarError) as error:
            log.warning("graphiql not fetched", error=type(error).__name__)
            answer = HTMLResponse(ABSENT, status_code=503, headers=HEADERS)
        await answer(scope, receive, send)

    async def assets(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One of the assets by its name; nothing else of the folder."""
        name = scope["path"].rpartition("/")[2]
        known = {file for package in PACKAGES for file in package.files}
        answer: ASGIApp = Response("not found", 404)
        if name == "start.js":
            answer = Response(START, media_type=TYPES[".js"], headers=HEADERS)
        elif name in known and (self._folder / name).exists():
            answer = FileResponse(self._folder / name, media_type=TYPES[Path(name).suffix], headers=HEADERS)
        await answer(scope, receive, send)

    async def _fetch(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        async with httpx.AsyncClient(timeout=30, follow_redirects=True) as client:
            for package in PACKAGES:
                if all((self._folder / name).exists() for name in package.files):
                    continue
                url = f"https://registry.npmjs.org/{package.name}/-/{package.name}-{package.version}.tgz"
                answer = (await client.get(url)).raise_for_status()
                self._unpack(package, answer.content)

    def _unpack(self, package: Package, content: bytes) -> None:
        if base64.b64encode(hashlib.sha512(content).digest()).decode() != package.sha512:
            raise ValueError(f"{package.name} is not what was pinned")
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for name, member in package.files.items():
                file = archive.extractfile(member)
                if file is None:
                    raise KeyError(member)
                (self._folder / name).write_bytes(file.read())
