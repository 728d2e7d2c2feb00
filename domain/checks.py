"""Checks of plain input that several use cases share; they gather problems so that all are told at once."""

from __future__ import annotations

from typing import Any

from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.text import Text

SHORT = 200
LONG = 20_000


class Checks:
    """Gathers problems of an input; ``done`` refuses if there are any."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, field: str, zh: str, en: str) -> None:
        """One thing that is wrong with ``field``."""
        self.problems.append(Problem(ErrorCode.INVALID_INPUT, Text(zh, en), field))

    def text(self, value: str | None, field: str, *, required: bool = False, limit: int = SHORT) -> str | None:
        """``value`` without surrounding blanks, None when nothing is left."""
        text = (value or "").strip()
        if required and not text:
            self.wrong(field, "请填写此项。", "Fill this in.")
        if any(ord(char) < 32 and char not in "\n\r\t" for char in text):
            self.wrong(field, "不得含有控制字符,请删除后重试。", "Control characters cannot be kept; take them out.")
        if len(text) > limit:
            self.wrong(field, f"不得超过 {limit} 个字。", f"May have {limit} characters.")
        return text or None

    def done(self) -> None:
        """Raises: Refusal(INVALID_INPUT) with every problem found."""
        if self.problems:
            raise Refusal(*self.problems)


def require_version(version: int | None) -> int:
    """Changing a draft takes the version that was read. Raises: Refusal(INVALID_INPUT)."""
    if version is None:
        raise refuse(
            ErrorCode.INVALID_INPUT,
            "修改草稿须给出读取时的 version。",
            "Changing a draft takes the version that you read.",
            "version",
        )
    return version


def wrong_state(subject: Any, zh: str, en: str, field: str) -> Refusal:
    """The step is not possible in the subject's present state; ``zh`` and ``en`` say what is possible."""
    state = subject.state
    return refuse(
        ErrorCode.INVALID_STATE, f"当前状态为“{state.zh}”。{zh}", f"The present state is {state.value}. {en}", field
    )
