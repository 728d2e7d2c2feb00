"""Passwords: what they have to be, and argon2id with OWASP's parameters, hashed beside the event loop, a few at a time.

The rules: length first (NIST SP 800-63B 3.1.1), three kinds of characters unless it is long (GB/T 22239-2019, 8.1.4.1
asks for complexity), nothing that is tried first.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Iterator

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from domain.text import Text

# 19 MiB and two passes, on one lane: OWASP's recommendation; at most two at once, so that sign-ins stay bounded.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_at_once = asyncio.Semaphore(2)
MIN_LENGTH = 10
MAX_LENGTH = 200
# From this length on one kind of characters will do.
LONG = 16
KINDS = 3
# What is tried first, wherever it stands in a password that has little else.
TRIED_FIRST = (
    "password", "passw0rd", "p@ssw0rd", "dengbao", "qwerty", "asdfgh", "zxcvbn", "1qaz2wsx", "admin", "root", "test",
    "welcome", "changeme", "letmein", "iloveyou", "woaini", "zhongguo", "china", "beijing", "123456", "654321",
    "111111", "000000", "888888", "666666", "112233", "123123", "abc123", "a1b2c3", "5201314", "等保", "密码",
)  # fmt: skip

# What an unknown person's password is checked against, so that it takes as long as a known one's.
NOBODY = _hasher.hash("nobody has this password")


def problems_of(password: str, *names: str) -> Iterator[Text]:
    """All that is wrong with a password of somebody who is called by ``names``."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        yield Text(
            f"密码须为 {MIN_LENGTH} 至 {MAX_LENGTH} 个字符。",
            f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.",
        )
    if len(password) < LONG and len({_kind(char) for char in password}) < KINDS:
        yield Text(
            f"密码少于 {LONG} 个字符时,须含大写字母、小写字母、数字、其他字符中的三类。",
            f"A password of less than {LONG} characters needs three of: capitals, small letters, digits, others.",
        )
    plain = unicodedata.normalize("NFKC", password).lower()
    if any(name.lower() in plain for name in names if len(name) > 2):
        yield Text("密码不得含有用户名或姓名。", "A password may not contain your user name or name.")
    rest = plain
    for word in TRIED_FIRST:
        rest = rest.replace(word, "")
    if len(rest) < MIN_LENGTH - 4 or len(set(plain)) < 5:
        yield Text("密码过于常见,容易被猜中。请另选。", "This is among the first to be guessed. Choose another.")


def _kind(char: str) -> str:
    category = unicodedata.category(char)
    return category if category in {"Lu", "Ll", "Nd"} else "other"


def random_password() -> str:
    """A password to be given to somebody, who has to change it."""
    return secrets.token_urlsafe(15)


async def new_hash(password: str) -> str:
    """The hash to keep of a password, made beside the event loop."""
    async with _at_once:
        return await asyncio.to_thread(hash_password, password)


def hash_password(password: str) -> str:
    """The hash to keep of a password."""
    return _hasher.hash(password)


async def verify_password(kept: str, password: str) -> bool:
    """Whether ``password`` is the one behind the hash ``kept``."""
    async with _at_once:
        return await asyncio.to_thread(_matches, kept, password)


def _matches(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
