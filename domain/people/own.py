"""What people do with their own account: the password, and where they are signed in."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ErrorCode, Problem, Refusal, not_found, refuse
from domain.people.entities import SignInSession, User
from domain.people.passwords import new_hash, problems_of, verify_password
from domain.people.sign_in import end_session, end_sessions
from domain.text import Text
from domain.work import Work

SAME = Text("新密码须与原密码不同。", "The new password has to differ from the present one.")


def require_person(work: Work) -> None:
    """Refuse programs: they have keys, and no password, codes or sessions. Raises: Refusal(FORBIDDEN)."""
    if work.caller.is_program:
        raise refuse(
            ErrorCode.FORBIDDEN,
            "服务账户没有密码、动态口令和登录会话。",
            "A service account has no password, one-time codes or sessions.",
        )


async def checked_hash(user: User, password: str, field: str) -> str:
    """The hash of a new password of ``user``. Raises: Refusal(INVALID_INPUT) with all that is wrong with it."""
    wrong = list(problems_of(password, user.username, user.display_name))
    if not wrong and await verify_password(user.password_hash, password):
        wrong.append(SAME)
    if wrong:
        raise Refusal(*(Problem(ErrorCode.INVALID_INPUT, each, field) for each in wrong))
    return await new_hash(password)


async def change_password(work: Work, *, new_password: str) -> None:
    """Choose another password, the present one having been checked; all other sessions end.

    Raises: Refusal(INVALID_INPUT).
    """
    user = await work.session.get_one(User, (work.caller.tenant_id, work.caller.user_id), with_for_update=True)
    await set_password(work.session, user, await checked_hash(user, new_password, "newPassword"))
    tenant, person = work.caller.tenant_id, work.caller.user_id
    await end_sessions(work.session, tenant, person, "the password was changed", work.now, but=work.caller.session_id)
    work.record("changePassword", user)


async def set_password(session: AsyncSession, user: User, hashed: str, *, must_change: bool = False) -> None:
    """Keep a password's hash; ``must_change``: nothing else is done before the person has chosen another."""
    user.password_hash, user.must_change_password = hashed, must_change
    await session.flush()


async def revoke_session(work: Work, *, session_id: UUID) -> None:
    """End one of one's own sessions, on whatever device, at once. Raises: Refusal(NOT_FOUND)."""
    require_person(work)
    found = await work.session.scalar(
        select(SignInSession)
        .where(
            SignInSession.tenant_id == work.caller.tenant_id,
            SignInSession.id == session_id,
            SignInSession.user_id == work.caller.user_id,
            SignInSession.ended_at.is_(None),
        )
        .with_for_update()
    )
    if found is None:
        raise not_found("sessionId")
    end_session(work.session, found, "revoked by its person", work.now)
    work.record("revokeSession", found)
