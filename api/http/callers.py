"""Who asks for a file or sends one: endpoints beside ``/graphql`` are for those who are signed in."""

from __future__ import annotations

from starlette.types import Scope

from api.http.errors import unauthenticated
from api.http.front import facts_of
from api.http.operations import Authenticator
from api.http.request import bearer
from domain.access import Caller


async def signed_in(authenticator: Authenticator, headers: dict[bytes, bytes], scope: Scope, spoken: str) -> Caller:
    """The caller behind a request's token. Raises: RequestError (as ``authenticate``; UNAUTHENTICATED without one)."""
    acting_as = headers.get(b"x-acting-as")
    caller = await authenticator.authenticate(
        bearer(headers), acting_as.decode("latin-1") if acting_as else None, spoken
    )
    if caller is None:
        raise unauthenticated()
    facts_of(scope)["membership"] = str(caller.membership_id)
    return caller
