"""What of its policy a city may change (``setPermission``), and what it never may: a declared envelope.

Whatever the policy says, the borders between cities, the row scopes and "another person has to do this" are no part of
it: they are in the database and in the use cases. The envelope keeps the policy itself from undermining them.
"""

from __future__ import annotations

from collections.abc import Set

from authz.permissions import PERMISSIONS, Subject, holders, shipped_lines, subject_name
from authz.policy import Decisions, Line
from domain.access import Duty
from domain.text import Text

# Administering stays with administrators, and with all of them: nobody votes himself in, and nobody is locked out.
FIXED = frozenset(
    {
        "setPermission", "inviteUser", "updateUser", "setUserDisabled", "issuePassword", "grantMembership",
        "revokeMembership", "createServiceAccount", "rotateServiceAccountKey", "revokeServiceAccount",
        "createOrganisation", "updateOrganisation", "setTenantSettings", "setLetterTemplate", "resetLetterTemplate",
        "markNotificationsRead", "setNotificationPreferences",
    }
)  # fmt: skip
# Prepared by one duty and decided by another: no duty ever has both (workflow.md; "another person" in api.md).
SEPARATE = (
    ("saveGrading", "confirmGrading"),
    ("submitGrading", "confirmGrading"),
    ("saveFiling", "submitFiling"),
    ("saveFiling", "resubmitFiling"),
    ("draftReply", "issueReply"),
    ("draftReply", "returnReply"),
    ("submitOpinion", "concludePanelCase"),
    ("draftOrder", "issueOrder"),
    ("draftOrder", "returnOrder"),
    ("saveSelfInspection", "submitSelfInspection"),
    ("saveRectificationPlan", "submitRectificationPlan"),
)


def objection(lines: Set[Line], subject: Subject, operation: str, *, allowed: bool) -> Text | None:
    """Why a city whose policy is ``lines`` may not allow ``operation`` to ``subject``, or no longer; else None."""
    role, duty = subject
    if operation not in PERMISSIONS:
        return Text("没有这项操作。请核对操作名。", "There is no such operation. Check its name.")
    if operation in FIXED:
        return Text("此项由平台规定,任何市不得变更。", "This is laid down by the platform, and no city changes it.")
    if role not in {each for each, _ in PERMISSIONS[operation]}:
        return Text(
            "该操作不属于此角色:各角色能看到的数据由平台规定,不随权限变更。",
            "The operation is not of this role: which rows a role sees is the platform's, and no policy changes it.",
        )
    if duty is not None and (role, duty) not in holders():
        return Text("该角色没有此职责。", "The role has no such duty.")
    if duty is Duty.ADMIN and allowed and (role, duty) not in PERMISSIONS[operation]:
        return Text("管理员不办理业务:管理与办理须分开。", "Administrators do no casework: the two are kept apart.")
    line = (subject_name(subject), operation)
    return _of_outcome(outcome(lines | {line} if allowed else lines - {line}), operation)


def outcome(lines: Set[Line]) -> Decisions:
    """What Casbin decides under ``lines``, worked out without it: so small a change is not worth its second."""
    return frozenset(
        (role, duty, action)
        for role, duty in holders()
        for action in PERMISSIONS
        if (subject_name((role, None)), action) in lines or (subject_name((role, duty)), action) in lines
    )


def _of_outcome(decisions: Decisions, operation: str) -> Text | None:
    if not any(action == operation for _, _, action in decisions):
        return Text(
            "这样将无人能办理此项。请先授权另一职责。", "Nobody could do this any more. Allow it to another duty first."
        )
    for former, later in SEPARATE:
        both = [
            duty
            for role, duty in holders()
            if operation in {former, later} and (role, duty, former) in decisions and (role, duty, later) in decisions
        ]
        if both:
            return Text(
                f"{former} 与 {later} 须由不同职责办理(职责分离)。",
                f"{former} and {later} are for different duties (separation of duties).",
            )
    return None


def is_shipped(subject: Subject, operation: str) -> bool:
    """Whether the platform's own policy has this line."""
    return (subject_name(subject), operation) in set(shipped_lines())
