"""From bytes to a well-formed GraphQL request, or a refusal: GraphQL over HTTP, read strictly.

Nothing here knows the schema. What passes is UTF-8 without NUL, at most ``BODY_BYTES`` long, and nested at most
``INPUT_DEPTH`` deep, so that what follows can recurse into it and hand its texts to PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from starlette.types import Receive, Scope

from api.http.errors import Code, RequestError, request_error, unauthenticated
from api.http.negotiation import JSON, content_type

BODY_BYTES = 1 << 20
# How much of a body that is too large is read and thrown away before it is refused.
DRAINED_BYTES = 32 << 20
INPUT_DEPTH = 20

# Headers that may stand once only: with two of them, a proxy and we could read different ones.
SINGLE = frozenset({b"content-type", b"content-encoding", b"content-length", b"authorization", b"x-acting-as"})
LISTS = frozenset({b"accept", b"accept-language"})


class Disconnected(Exception):  # noqa: N818 - an event, nobody's fault
    """The client went away before its request was whole; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What the client asks: a document, which of its operations, and the variables' raw JSON values."""

    document: str
    operation_name: str | None
    variables: dict[str, Any]


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """The request's headers that GraphQL over HTTP looks at, by lower-case name.

    Raises: RequestError(BAD_REQUEST) when one that must be single is repeated.
    """
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in SINGLE:
            if name in found:
                raise request_error(
                    Code.BAD_REQUEST,
                    f"请求头 {name.decode()} 只能出现一次。",
                    f"The header {name.decode()} may be given once only.",
                )
            found[name] = value
        elif name in LISTS:
            found[name] = found[name] + b"," + value if name in found else value
    return found


def bearer(headers: Mapping[bytes, bytes]) -> str | None:
    """The token of an ``Authorization: Bearer`` header (RFC 6750 2.1); None without the header."""
    given = headers.get(b"authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(b" ")
    token = token.strip()
    if scheme.lower() != b"bearer" or not token or not token.isascii():
        raise unauthenticated("Authorization 须为 Bearer 令牌。", "Authorization has to be a bearer token.")
    return token.decode("ascii")


async def read_post(headers: Mapping[bytes, bytes], receive: Receive) -> GraphQLRequest:
    """The request in a POST body.

    A JSON body is demanded, which a page of another origin cannot send without our consent (CSRF).
    Raises: RequestError, and Disconnected when the client leaves.
    """
    given = content_type(headers.get(b"content-type", b"")[:1024])
    if given.media != JSON or given.charset not in {b"", b"utf-8", b"utf8"}:
        raise request_error(
            Code.UNSUPPORTED_MEDIA_TYPE,
            "请求体须为 UTF-8 编码的 application/json。",
            "Send the body as application/json in UTF-8.",
        )
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise request_error(
            Code.UNSUPPORTED_MEDIA_TYPE,
            "不接受压缩的请求体。请以未压缩的形式发送。",
            "Compressed bodies are not accepted. Send the body as it is.",
        )
    declared = headers.get(b"content-length", b"0")
    if len(declared) > len(str(BODY_BYTES)) or int(declared) > BODY_BYTES:
        await _drain(receive)
        raise _too_large()
    return request_of(decode(await _body(receive)))


def read_get(scope: Scope) -> GraphQLRequest:
    """The request in a GET's query string: ``query``, ``operationName``, ``variables`` and ``extensions`` (JSON).

    Raises: RequestError.
    """
    given: dict[str, str] = {}
    for pair in scope["query_string"].split(b"&"):
        name, _, value = pair.partition(b"=")
        try:
            key, text = (unquote_to_bytes(part.replace(b"+", b" ")).decode() for part in (name, value))
        except UnicodeDecodeError:
            raise _malformed("查询串须为 UTF-8 编码。", "The query string has to be UTF-8.") from None
        if key in given:
            raise _malformed(f"参数 {key[:40]} 只能出现一次。", f"The parameter {key[:40]} may be given once only.")
        given[key] = text
    parameters: dict[str, Any] = {key: given[key] for key in ("query", "operationName") if key in given}
    for key in ("variables", "extensions"):
        if given.get(key):
            parameters[key] = decode(given[key].encode())
    return request_of(parameters)


async def _body(receive: Receive) -> bytes:
    """The whole body; a body without a declared length is read up to the limit and no further."""
    message = await receive()
    first: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body", False) and len(first) <= BODY_BYTES:
        return first
    parts, size = [first], len(first)
    while size <= BODY_BYTES:
        if message["type"] == "http.disconnect":
            raise Disconnected
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    await _drain(receive)
    raise _too_large()


async def _drain(receive: Receive) -> None:
    """Read on for a while: whoever is still sending when the connection closes does not get to see the answer."""
    size = 0
    while size <= DRAINED_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
        size += len(message.get("body", b""))


def decode(body: bytes) -> Any:
    """Strict JSON: no NaN, no numbers beyond a double, no lone surrogates, no byte order mark, nothing deep.

    Raises: RequestError.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _malformed("请求不是有效的 JSON(UTF-8)。", "This is not valid JSON in UTF-8.") from None
    # Counting brackets is quicker than walking, and almost always settles it.
    if body.count(b"[") + body.count(b"{") > INPUT_DEPTH and _deeper(value, INPUT_DEPTH):
        raise request_error(
            Code.OPERATION_TOO_COMPLEX,
            f"变量嵌套过深,最多 {INPUT_DEPTH} 层。",
            f"The variables are nested too deeply; {INPUT_DEPTH} levels are allowed.",
            limit="inputDepth",
            maximum=INPUT_DEPTH,
        )
    if b"\\u0000" in body and _has_nul(value):
        raise _malformed("文本中不得含有空字符(U+0000)。", "Text may not contain the character U+0000.")
    return value


def request_of(given: Any) -> GraphQLRequest:
    """The request that a decoded JSON value is. Raises: RequestError."""
    if isinstance(given, list):
        raise _malformed(
            "不支持批量请求,每个请求只含一个操作。", "Batches are not accepted: one operation per request."
        )
    if not isinstance(given, dict):
        raise _malformed("请求须为 JSON 对象。", "The request has to be a JSON object.")
    extensions = _member(given, "extensions", dict, "JSON 对象", "a JSON object")
    if given.get("query") is None and extensions and "persistedQuery" in extensions:
        raise request_error(
            Code.PERSISTED_QUERY_NOT_SUPPORTED,
            "不支持自动持久化查询,请发送完整文档。",
            "Automatic persisted queries are not supported: send the whole document.",
        )
    document = _member(given, "query", str, "字符串", "a string")
    if document is None:
        raise _malformed("缺少参数 query。", "The parameter query is missing.")
    name = _member(given, "operationName", str, "字符串", "a string")
    variables = _member(given, "variables", dict, "JSON 对象", "a JSON object")
    return GraphQLRequest(document, name or None, variables or {})


def _member(given: dict[str, Any], name: str, kind: type, zh: str, en: str) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        raise _malformed(f"参数 {name} 须为{zh}。", f"The parameter {name} has to be {en}.")
    return value


def _deeper(value: Any, depth: int) -> bool:
    """Whether containers are nested more than ``depth`` deep; level by level, so that depth costs no recursion."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any("\0" in key or _has_nul(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


def _malformed(zh: str, en: str) -> RequestError:
    return request_error(Code.BAD_REQUEST, zh, en)


def _too_large() -> RequestError:
    return request_error(
        Code.PAYLOAD_TOO_LARGE,
        f"请求体过大,最多 {BODY_BYTES // 1024} KiB。文件请通过 requestUpload 上传。",
        f"The body may have {BODY_BYTES // 1024} KiB. Files go through requestUpload.",
        limit="bodyBytes",
        maximum=BODY_BYTES,
    )
