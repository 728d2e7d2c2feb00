"""What the trail does not keep of a change: the declared list of values that are replaced before they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

REDACTED = "[redacted]"
# Names of values, in whatever spelling: what opens doors, and what is of a person and not of the matter.
SECRET_NAMES = frozenset(
    {
        "password", "passwordhash", "secret", "secretdigest", "token", "accesstoken", "refreshtoken", "totp",
        "totpsecret", "recoverycodes", "refreshdigest", "formerdigest", "key", "keydigest", "verificationcode",
    }
)  # fmt: skip
SECRET_PARTS = ("password", "secret", "token")
PERSONAL_NAMES = frozenset({"email", "mobile", "mobilephone", "phone", "officephone", "telephone", "idnumber"})
NAMES = SECRET_NAMES | PERSONAL_NAMES
# Entities whose values are for fewer people than the trail is: that they changed is kept, and nothing of how.
SEALED_ENTITIES = frozenset({"Opinion"})
_SEPARATORS = re.compile(r"[^a-z0-9]")


def redacted(value: Any) -> Any:
    """``value`` (of a change, as JSON) without what is on the list, however deep it stands."""
    if isinstance(value, Mapping):
        return {name: _kept(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(each) for each in value]
    return value


def _kept(name: str, value: Any) -> Any:
    word = _SEPARATORS.sub("", str(name).rpartition(".")[2].lower())
    listed = word in NAMES or any(part in word for part in SECRET_PARTS)
    return REDACTED if listed and value is not None else redacted(value)


class Redacted(TypeDecorator[Any]):
    """A JSON column into which nothing of the list gets, whoever writes it."""

    # Nothing is NULL, and not JSON's null.
    impl = JSONB(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """What is written."""
        return redacted(value)
