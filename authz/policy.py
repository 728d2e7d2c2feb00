"""Casbin's part: from a tenant's policy lines to its decisions (RBAC with domains; the domain is the tenant).

All questions that can be asked are asked when the lines are loaded, and the answers kept as one immutable set:
afterwards a check is a look-up, and a policy is exchanged whole or not at all.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
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
    subjects: dict[str, set[str]] = defaultdict(set)
    for subject, action in lines:
        if action in PERMISSIONS:
            subjects[action].add(subject)
    if not subjects or not domain:
        raise PolicyError("the policy is empty")
    with _ONE_AT_A_TIME:
        return frozenset(
            (role, duty, action)
            for action, allowed in subjects.items()
            for role, duty in _holders_of(action, frozenset(allowed), domain)
        )


@lru_cache(maxsize=8192)
def _holders_of(action: str, subjects: frozenset[str], domain: str) -> frozenset[tuple[Role, Duty]]:
    """Who may do one action. Only its own lines can answer that (the model compares actions for equality), and Casbin
    takes a hundredth of a millisecond a line: a change of one line is decided in a few milliseconds, not in a second.
    """
    enforcer = _enforcer(domain)
    rules = [[_subject(subject), domain, action] for subject in sorted(subjects)]
    enforcer.add_policies(rules)
    try:
        return frozenset(
            (role, duty)
            for role, duty in holders()
            if enforcer.enforce(_subject(f"{role}.{duty}"), domain, action) is True
        )
    finally:
        enforcer.remove_policies(rules)


@lru_cache(maxsize=64)
def _enforcer(domain: str) -> casbin.Enforcer:
    """Casbin with the roles that duties belong to, and no line yet."""
    enforcer = casbin.Enforcer(str(MODEL), enable_log=False)
    for role, duty in holders():
        enforcer.add_grouping_policy(_subject(f"{role}.{duty}"), _subject(role), domain)
    return enforcer


def _subject(name: str) -> str:
    # Prefixed, so that no duty can be named like a role and thereby have it.
    return f"duty:{name}" if "." in name else f"role:{name}"
