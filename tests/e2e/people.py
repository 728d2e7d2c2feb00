"""People whom the demo does not have, made for a test as the operator would make them."""

from __future__ import annotations

import uuid

from api import operator
from domain.access import Duty, Role
from storage.database import Database
from tests.support import SIGN_IN, Api


async def somebody(api: Api, database: Database, role: Role, duties: set[Duty], home: str | None) -> str:
    """The user name of a new person of Beijing, signed in, with one membership in the organisation called ``home``.

    None: the city's office.
    """
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    name = f"p{uuid.uuid4().hex[:10]}"
    made = await operator.create_user(database, tenant, name, "新人", role, frozenset(duties), home, must_change=False)
    answer = (await api.post(SIGN_IN, i={"username": name, "password": made.password})).json()
    api.tokens[name] = answer["data"]["signIn"]["accessToken"]
    return name


async def home_of(api: Api, username: str) -> dict[str, str]:
    """The organisation that a person acts for: id, name, district."""
    asked = "{viewer{membership{organisation{id name version district{id}}}}}"
    home: dict[str, str] = (await api.ask(username, asked))["viewer"]["membership"]["organisation"]
    return home
