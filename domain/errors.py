"""What a use case answers when it cannot do what was asked: typed, localised, naming the field and the remedy."""

from __future__ import annotations

from dataclasses import dataclass

from domain.text import Term, Text


class ErrorCode(Term):
    """Why a mutation was refused (错误代码)."""

    NOT_FOUND = "NOT_FOUND", "不存在或无权查看", "does not exist, or is not yours to see"
    FORBIDDEN = "FORBIDDEN", "无此权限", "your role or duty may not do this"
    INVALID_STATE = "INVALID_STATE", "当前状态不允许", "not possible in the present state"
    INVALID_INPUT = "INVALID_INPUT", "输入有误", "the input is wrong"
    MISSING_ITEMS = "MISSING_ITEMS", "材料不全", "something required is missing"
    CONFLICT = "CONFLICT", "已被他人修改", "somebody else was faster"
    DUTY_SEPARATION = "DUTY_SEPARATION", "须由另一人办理", "another person has to do this"
    CONFLICT_OF_INTEREST = "CONFLICT_OF_INTEREST", "须回避", "a conflict of interest forbids it"
    NOT_ACCREDITED = "NOT_ACCREDITED", "机构资质无效", "the body's accreditation is not in force"
    UPLOAD_REJECTED = "UPLOAD_REJECTED", "文件被拒收", "the file was refused"
    DEADLINE_PASSED = "DEADLINE_PASSED", "已过期限", "the deadline has passed"
    RATE_LIMITED = "RATE_LIMITED", "操作过于频繁", "too many attempts"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: its code, the path into the input (``"form.unit.postcode"``) and the sentence."""

    code: ErrorCode
    message: Text
    field: str | None = None


class Refusal(Exception):  # noqa: N818 - it is an answer to the caller, not a fault of ours
    """A use case ends without having changed anything; carries every problem found, never only the first."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(", ".join(f"{p.code} {p.field or ''}".strip() for p in problems))
        self.problems = problems


class Verdict(Refusal):
    """A refusal whose finding stays: what the use case has written about it is kept."""


def refuse(code: ErrorCode, zh: str, en: str, field: str | None = None) -> Refusal:
    """A refusal with a single problem."""
    return Refusal(Problem(code, Text(zh, en), field))


def not_found(field: str | None = None) -> Refusal:
    """The one answer for what does not exist and for what the caller may not see."""
    return refuse(
        ErrorCode.NOT_FOUND,
        "没有找到该对象。请核对编号,或确认您有权查看。",
        "Nothing was found under this id. Check the id, or whether you may see the object.",
        field,
    )
