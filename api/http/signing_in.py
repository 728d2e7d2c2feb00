"""``/sign-in/{provider}``: a browser's way to an identity provider and back (authorization code with PKCE, RFC 7636).

What the way back has to bring is in a sealed cookie of the browser that left; what it gets is a refresh token, good
once and for two minutes, behind the ``#`` of the address where people sign in, or as JSON where none is configured.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from api.execution.providers import IdentityProviders
from api.http.errors import Code, RequestError, request_error
from authz.providers import ProviderError
from domain.people.sign_in import SignedIn
from storage.declared import OutgoingError

log = structlog.get_logger(component="providers")

COOKIE = "dengbao-sign-in"
SECONDS = 600


class SigningIn:
    """The two addresses; ``public_url`` is where people sign in."""

    def __init__(self, providers: IdentityProviders, public_url: str | None) -> None:
        self._providers = providers
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        if request.method != "GET":
            response = Response("use GET", 405, {"allow": "GET"})
        elif request.url.path.endswith("/callback"):
            response = await self.come_back(request)
        else:
            response = await self.leave(request)
        await response(scope, receive, send)

    async def leave(self, request: Request) -> Response:
        """Send the browser to the provider."""
        try:
            url, kept = await self._providers.begin(request.path_params["provider"], self._back(request))
        except (ProviderError, OutgoingError) as error:
            return _refused(request, error)
        response = RedirectResponse(url, 303)
        # Lax: it comes along when the provider sends the browser back, and from no other site's own requests.
        response.set_cookie(
            COOKIE, kept, max_age=SECONDS, path="/sign-in", httponly=True, samesite="lax", secure=self._secure(request)
        )
        return response

    async def come_back(self, request: Request) -> Response:
        """Take the provider's answer, and hand over a refresh token."""
        given = request.query_params
        try:
            signed = await self._providers.complete(
                request.path_params["provider"],
                self._back(request),
                given.get("code", ""),
                given.get("state", ""),
                _cookie(request),
                request.client.host if request.client else "",
            )
        except (ProviderError, OutgoingError) as error:
            return _refused(request, error)
        if signed is None:
            return _refused(request, ProviderError("not somebody who may enter"))
        response = self._handed_over(signed)
        response.delete_cookie(COOKIE, path="/sign-in")
        return response

    def _handed_over(self, signed: SignedIn) -> Response:
        if self._public_url is None:
            return JSONResponse({"refreshToken": signed.refresh_token})
        return RedirectResponse(f"{self._public_url}#refreshToken={quote(signed.refresh_token)}", 303)

    def _back(self, request: Request) -> str:
        """Our own address for the way back, never one that the request brings."""
        name = quote(request.path_params["provider"])
        base = (self._public_url or f"http://{request.url.netloc}").rstrip("/")
        return f"{base}/sign-in/{name}/callback"

    def _secure(self, request: Request) -> bool:
        return (self._public_url or str(request.url)).startswith("https:")


def _cookie(request: Request) -> str:
    try:
        found = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _refused(request: Request, error: Exception) -> Response:
    log.info("sign-in refused", provider=request.path_params["provider"][:40], error=str(error))
    refusal: RequestError = request_error(
        Code.UNAUTHENTICATED,
        "未能通过统一身份认证登录。请重新开始;仍不成功时请联系管理员。",
        "Signing in at the identity provider did not succeed. Start again; if it persists, ask your administrator.",
    )
    return Response(refusal.body("zh"), 401, media_type="application/json")
