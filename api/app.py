"""The application: ``/graphql``, the health endpoints, and a worker's parts, started and ended with it."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.execution.authenticator import PlatformAuthenticator
from api.execution.executor import PlatformExecutor
from api.execution.exports import Exports
from api.execution.letters import is_genuine
from api.execution.platform import Platform
from api.execution.providers import IdentityProviders
from api.exports.files import FORMATS
from api.http.endpoint import GraphQLEndpoint
from api.http.export import ExportEndpoint
from api.http.forms import SUFFIXES, FormEndpoint
from api.http.front import Front
from api.http.graphiql import GraphiQL
from api.http.health import NotReady, Readiness
from api.http.health import routes as health_routes
from api.http.operations import Operations
from api.http.rates import Doors
from api.http.signing_in import SigningIn
from api.http.sockets import SocketEndpoint
from api.http.templates import TemplateEndpoint
from api.http.uploads import UploadEndpoint
from api.http.verification import VerificationPage
from api.jobs.worker import working
from api.schema.build import schema
from authz.providers import Provider, ProviderError, read_providers
from authz.tokens import Tokens
from domain.imports.entities import ImportKind
from migrations.revision import head
from storage.database import Database
from storage.files import ObjectStore
from storage.inbox import inbox_of
from storage.keys import AuditKey, token_key
from storage.mail import mail_of
from storage.papers.verification import PAGE
from storage.seals import KeySeals
from storage.settings import Settings, SetupError

MIGRATE = "Run `dengbao migrate`."
SIGN_IN_PATHS = ("/sign-in/{provider}", "/sign-in/{provider}/callback")


class Served:
    """What is answered by one of the parts that the lifespan starts."""

    def __init__(self, part: Callable[[], ASGIApp | None]) -> None:
        self._part = part

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._part() or Response("starting", 503))(scope, receive, send)


async def _home(_: Request) -> Response:
    return Response("", 307, {"location": "/graphql"})


def _settle_memory() -> None:
    """What is there by now stays: the collector need not look through it again and again while it serves."""
    gc.collect()
    gc.freeze()


def _origins(settings: Settings) -> list[str]:
    """Whose pages may call."""
    return [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]


def with_cors(app: ASGIApp, settings: Settings) -> ASGIApp:
    """``app``, for pages of the origins that the settings name; without any, browsers keep all other pages out."""
    origins = _origins(settings)
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", "x-acting-as", "x-request-id"],
        expose_headers=["x-request-id", "retry-after", "content-disposition"],
        max_age=3600,
    )


def create_app(settings: Settings) -> ASGIApp:
    """The ASGI application of one worker; its parts are started in the lifespan. Raises there: SetupError."""
    database: Database | None = None
    store = ObjectStore(settings)
    endpoint: GraphQLEndpoint | None = None
    parts: dict[str, ASGIApp] = {}
    declared = _declared(settings)
    graphiql = GraphiQL(settings.data_dir / "graphiql")

    async def check_database() -> None:
        if database is None:
            raise NotReady("starting")
        if await database.revision() != head():
            raise NotReady("not migrated")

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal database, endpoint
        opened = await Database.open(settings)
        try:
            await _require_migrated(opened)
            platform = _platform(opened, store, settings)
            parts["signIn"] = _know_providers(platform, declared, settings)
            authenticator = PlatformAuthenticator(platform)
            operations = _operations(platform, authenticator, settings)
            parts["uploads"] = uploads = UploadEndpoint(platform, authenticator)
            parts.update(
                templates=TemplateEndpoint(platform, authenticator),
                forms=FormEndpoint(platform, authenticator),
                verification=VerificationPage(partial(is_genuine, platform)),
                exports=ExportEndpoint(schema(), Exports(schema(), platform), authenticator),
                sockets=SocketEndpoint(operations, frozenset(_origins(settings))),
            )
            endpoint = GraphQLEndpoint(operations, graphiql.page if settings.graphiql else None)
            database = opened
            _settle_memory()
            async with contextlib.AsyncExitStack() as running:
                running.push_async_callback(uploads.close)
                running.push_async_callback(platform.refusals.close)
                if settings.work:
                    await running.enter_async_context(working(platform, lease=settings.job_lease_seconds))
                yield
        finally:
            database = endpoint = None
            parts.clear()
            await opened.close()

    readiness = Readiness({"database": check_database, "objectStore": store.ping})
    routes: list[BaseRoute] = [
        *health_routes(readiness),
        Route("/", _home),
        Route("/graphql", Served(lambda: endpoint)),
    ]
    routes += [Route(path, Served(partial(parts.get, part))) for part, path in _paths(declared)]
    if settings.graphiql:
        routes.append(Mount("/graphiql", graphiql.assets))
    routed = Starlette(routes=routes, lifespan=lifespan)

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        # Nearly all requests: they need no routing, and answer for their own errors.
        straight: ASGIApp | None = None
        if scope["type"] != "lifespan" and scope["path"] == "/graphql":
            straight = endpoint if scope["type"] == "http" else parts.get("sockets")
        await (straight or routed)(scope, receive, send)

    return Front(with_cors(served, settings), https=(settings.public_url or "").startswith("https:"))


def _platform(database: Database, store: ObjectStore, settings: Settings) -> Platform:
    """What a serving worker holds."""
    tokens, audit = Tokens(token_key(settings)), AuditKey(settings)
    doors = Doors.of(settings)
    platform = Platform.start(database, store, tokens, audit, mail_of(settings), doors, settings.public_url)
    platform.inbox = inbox_of(settings)
    return platform


async def _require_migrated(database: Database) -> None:
    """Raises: SetupError when the database is not what this program was written for."""
    revision = await database.revision()
    if revision != head():
        found = f"at {revision}" if revision else "empty"
        raise SetupError(f"The database is {found}, and this program needs {head()}. {MIGRATE}")


def _operations(platform: Platform, authenticator: PlatformAuthenticator, settings: Settings) -> Operations:
    """What carries out GraphQL, whatever way it comes."""
    platform.stream_seconds = settings.stream_seconds
    executor = PlatformExecutor(schema(), platform)
    return Operations(schema(), executor, authenticator, platform.doors, introspection=settings.introspection)


def _paths(declared: tuple[Provider, ...]) -> Iterator[tuple[str, str]]:
    """The parts that the lifespan starts, and where each answers."""
    yield from (("exports", f"/export/{suffix}") for suffix in FORMATS)
    yield from (("templates", f"/import-template/{kind.lower()}.xlsx") for kind in ImportKind)
    yield from (("uploads", f"/uploads/{path}") for path in ("{id}", "{id}/{part:int}"))
    yield from (("forms", f"/filings/{{id}}/form{suffix}") for suffix in SUFFIXES)
    yield "verification", PAGE
    yield from (("signIn", path) for path in SIGN_IN_PATHS if declared)


def _know_providers(platform: Platform, declared: tuple[Provider, ...], settings: Settings) -> SigningIn:
    """Believe the declared providers from now on, and give what answers browsers that sign in there."""
    seals = KeySeals(platform.tokens.key, "sign-in requests")
    providers = IdentityProviders(declared, platform.database, seals, settings)
    platform.providers = providers if declared else None
    return SigningIn(providers, settings.public_url)


def _declared(settings: Settings) -> tuple[Provider, ...]:
    """The identity providers that the settings name. Raises: SetupError."""
    if settings.identity_providers is None:
        return ()
    try:
        return read_providers(settings.identity_providers)
    except ProviderError as error:
        raise SetupError(f"DENGBAO_IDENTITY_PROVIDERS: {error}") from None
