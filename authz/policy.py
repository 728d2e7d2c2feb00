"""Casbin's part: from a tenant's policy lines to its decisions (RBAC with domains; the domain is the tenant).

All questions that can be asked are asked when the lines are loaded, and the answers kept as one immutable set:
afterwards a check is a look-up, and a policy is exchanged whole or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

import casbin

from authz.permissions import PERMISSIONS, holders
from domain.access import Duty, Role

MODEL = Path(__file__).with_name("model.conf")

# Casbin parses its matcher for each question, and CPython 3.11 cannot build syntax trees in two threads at once
# ("AST constructor recursion depth mismatch").
_ONE_AT_A_TIME = threading.Lock()

Line = tuple[str, str]
Decisions = frozenset[tuple[Role, Duty, str]]


class PolicyError(Exception):
    """A tenant's policy cannot be used; nobody may do anything under it."""


def decide(lines: Iterable[Line], domain: str) -> Decisions:
    """What each role with each duty may do under ``lines`` (subject, action) in ``domain``.

    Raises: PolicyError when there are no lines, for Casbin answers yes to an empty policy's empty question.
    """
    rules = [[_subject(subject), domain, action] for subject, action in lines if action in PERMISSIONS]
    if not rules or not domain:
        raise PolicyError("the policy is empty")
    with _ONE_AT_A_TIME:
        enforcer = casbin.Enforcer(str(MODEL), enable_log=False)
        enforcer.add_policies(rules)
        for role, duty in holders():
            enforcer.add_grouping_policy(_subject(f"{role}.{duty}"), _subject(role), domain)
        return frozenset(
            (role, duty, action)
            for role, duty in holders()
            for action in PERMISSIONS
            if enforcer.enforce(_subject(f"{role}.{duty}"), domain, action) is True
        )


def _subject(name: str) -> str:
    # Prefixed, so that no duty can be named like a role and thereby have it.
    return f"duty:{name}" if "." in name else f"role:{name}"
