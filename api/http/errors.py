"""What goes wrong before or beside a use case, as GraphQL errors: a code and a sentence in the caller's language.

What a caller reads here never holds a stack trace, SQL, a path or another person's data; an unforeseen failure is
logged under an id, and the caller is told the id.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import structlog
from graphql import GraphQLError

from domain.errors import ErrorCode, Refusal
from domain.text import Term, Text

log = structlog.get_logger(component="http")

# Validation messages of graphql-core quote what the client wrote, however long that was.
MESSAGE_LENGTH = 300


class Code(Term):
    """``extensions.code`` of an error (错误代码); ``code`` is the HTTP status of a response without data."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED", "语法错误", "the document is no GraphQL", "400"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED", "与接口定义不符", "the schema does not allow it", "400"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE", "无法确定操作", "which operation is meant", "400"
    OPERATION_TOO_COMPLEX = "OPERATION_TOO_COMPLEX", "操作过于复杂", "the operation is beyond a limit", "400"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED", "不支持持久化查询", "send the document", "400"
    BAD_REQUEST = "BAD_REQUEST", "请求格式错误", "the request is malformed", "400"
    BAD_USER_INPUT = "BAD_USER_INPUT", "变量有误", "a variable's value is wrong", "400"
    UNAUTHENTICATED = "UNAUTHENTICATED", "未登录", "sign in first", "401"
    FORBIDDEN = "FORBIDDEN", "无此权限", "not for this caller", "403"
    NOT_FOUND = "NOT_FOUND", "不存在或无权查看", "does not exist, or is not yours to see", "404"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED", "不支持的方法", "another HTTP method is needed", "405"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE", "无法提供所需格式", "no acceptable media type", "406"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE", "请求过大", "the body is too large", "413"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE", "不支持的内容类型", "the body's type or encoding", "415"
    RATE_LIMITED = "RATE_LIMITED", "请求过于频繁", "too many requests", "429"
    INTERNAL = "INTERNAL", "内部错误", "a fault of ours", "500"
    UNAVAILABLE = "UNAVAILABLE", "暂时不可用", "a part of the platform is down", "503"

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return int(self.code)


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of ``errors``; ``facts`` are further ``extensions``: numbers and names, never anybody's data."""

    code: Code
    message: Text
    path: Sequence[str | int] | None = None
    locations: Sequence[Mapping[str, int]] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def shown(self, language: str) -> dict[str, Any]:
        """The error as the response carries it, in ``language`` (``"zh"`` or ``"en"``)."""
        shown: dict[str, Any] = {"message": self.message.in_language(language)}
        if self.locations:
            shown["locations"] = list(self.locations)
        if self.path is not None:
            shown["path"] = list(self.path)
        shown["extensions"] = {"code": self.code.value, **self.facts}
        return shown


class RequestError(Exception):
    """The whole request is answered with errors and no data; anything on the way to the answer may raise it."""

    def __init__(self, *faults: Fault, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(", ".join(fault.code.value for fault in faults))
        self.faults = faults
        self.headers = headers

    @property
    def code(self) -> Code:
        """The code of the first fault, which decides the response's status."""
        return self.faults[0].code

    def with_headers(self, *headers: tuple[bytes, bytes]) -> RequestError:
        """The same refusal, answered with these headers as well."""
        return RequestError(*self.faults, headers=self.headers + headers)

    def at(self, path: Sequence[str | int], **facts: Any) -> RequestError:
        """The same refusal, said to be of the field at ``path`` where it does not say of which."""
        faults = (
            each if each.path else replace(each, path=tuple(path), facts={**facts, **each.facts})
            for each in self.faults
        )
        return RequestError(*faults, headers=self.headers)

    def body(self, language: str) -> bytes:
        """The response's JSON in ``language``."""
        return orjson.dumps({"errors": [fault.shown(language) for fault in self.faults]})


def request_error(code: Code, zh: str, en: str, **facts: Any) -> RequestError:
    """A refusal of the request with a single fault."""
    return RequestError(Fault(code, Text(zh, en), facts=facts))


def unauthenticated(zh: str = "请先登录。", en: str = "Sign in first.") -> RequestError:
    """Nobody is signed in, or the token is not (or no longer) good; names the scheme, as RFC 9110 11.6.1 asks."""
    challenge = (b"www-authenticate", b'Bearer realm="dengbao"')
    return request_error(Code.UNAUTHENTICATED, zh, en).with_headers(challenge)


def unavailable() -> RequestError:
    """A part of the platform cannot be reached; nothing was done."""
    return request_error(
        Code.UNAVAILABLE,
        "服务暂时不可用,未作任何改动。请稍后重试。",
        "A part of the platform cannot be reached; nothing was changed. Try again later.",
    )


def store_unavailable() -> RequestError:
    """The object store does not answer, or has no room; what was uploaded before is still there."""
    return request_error(
        Code.UNAVAILABLE,
        "文件存储暂时不可用,未作任何改动;已上传的内容仍在。请稍后重试。",
        "The file store cannot be reached or is full; nothing was changed, and what has come is still there. "
        "Try again later.",
    )


def internal(error: BaseException, *, path: Sequence[str | int] | None = None) -> Fault:
    """Log an unforeseen failure and give what the caller may know of it: an id to quote."""
    error_id = uuid.uuid4().hex[:12]
    log.error("internal error", error_id=error_id, exc_info=error)
    message = Text(
        "服务器内部错误,未作任何改动。请稍后重试;仍不成功时,请将编号 {id} 告知管理员。",
        "Something went wrong on our side and nothing was changed. Try again later; if it persists, "
        "tell your administrator the id {id}.",
    )
    return Fault(Code.INTERNAL, message.format(id=error_id), path=path, facts={"errorId": error_id})


def from_graphql(code: Code, errors: Iterable[GraphQLError]) -> RequestError:
    """Errors of graphql-core about what the client sent (parsing, validation, variables) under ``code``."""
    return RequestError(*(_described(code, error) for error in errors))


def from_execution(errors: Iterable[GraphQLError]) -> list[Fault]:
    """Errors that fields raised while graphql-core executed: ours keep their code, all others are internal."""
    faults = []
    for error in errors:
        cause = error.original_error
        if isinstance(cause, RequestError):
            known = cause.faults[0]
            faults.append(Fault(known.code, known.message, path=error.path, facts=known.facts))
        else:
            faults.append(internal(cause or error, path=error.path))
    return faults


def _described(code: Code, error: GraphQLError) -> Fault:
    detail = error.message if len(error.message) <= MESSAGE_LENGTH else error.message[:MESSAGE_LENGTH] + "…"
    locations = [{"line": at.line, "column": at.column} for at in error.locations or ()]
    return Fault(code, Text(f"{code.zh}:{detail}", detail), locations=locations)


STATUS = {ErrorCode.NOT_FOUND: Code.NOT_FOUND, ErrorCode.FORBIDDEN: Code.FORBIDDEN}


def told(refusal: Refusal) -> RequestError:
    """What a use case answers, where the answer is no mutation's: the first of its problems, with its status."""
    problem = refusal.problems[0]
    return request_error(STATUS.get(problem.code, Code.BAD_REQUEST), *problem.message)
