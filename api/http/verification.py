"""``/verify``: a plain page on which anyone who holds a paper sees whether it is genuine; no script, no account.

A paper's QR code leads here with its number and code. The page says genuine or not, as ``verifyLetter`` does, and
nothing more of the paper.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from api.http.errors import RequestError, internal, unavailable
from api.http.front import facts_of
from storage.database import UNREACHABLE

Ask = Callable[[str, str, str], Awaitable[bool]]

# Longer than any number or code of ours.
LONGEST = 200
STYLE = """
body{margin:0;background:#f4f4f2;color:#222;font:18px/1.7 "Noto Sans SC","Microsoft YaHei",sans-serif}
main{max-width:34em;margin:0 auto;padding:2em 1em}
h1{font-size:1.5em;color:#a5000b;border-bottom:3px double #a5000b;margin:0 0 1em;padding-bottom:.4em}
h1 small,label small{font-size:.6em;color:#555;font-weight:normal;margin-left:.6em}
label{display:block;margin-top:1em}label small{font-size:.8em}
input{box-sizing:border-box;width:100%;font:inherit;padding:.35em .6em;border:1px solid #777;background:#fff}
button{font:inherit;margin-top:1.2em;padding:.4em 1.6em;border:0;background:#a5000b;color:#fff}
section{margin:0 0 1.5em;padding:.8em 1.2em;background:#fff;border-left:6px solid #777}
section.genuine{border-color:#0a7a33}section.not{border-color:#a5000b}
section p{margin:.2em 0}footer{margin-top:2.5em;font-size:.8em;color:#555}
"""
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>公文真伪核验 / Verify a letter</title><style>{style}</style></head><body><main>
<h1>公文真伪核验<small lang="en">Verify a letter</small></h1>
{answer}<form method="get" action="/verify">
<label for="number">文号<small lang="en">Its number, for example 北京信息办备复〔2026〕12号</small></label>
<input id="number" name="number" value="{number}" maxlength="200" required autocomplete="off">
<label for="code">验证码<small lang="en">Its verification code, 12 characters</small></label>
<input id="code" name="code" value="{code}" maxlength="200" required autocomplete="off" autocapitalize="characters">
<button type="submit">核验 Verify</button></form>
<footer><p>文号和验证码印在公文上。本页只答真伪,不显示公文内容。</p>
<p lang="en">Number and code are printed on the paper. This page says whether it is genuine, and nothing of what it
says.</p></footer></main></body></html>
"""
SECTION = '<section class="{kind}" role="status"><p><strong>{zh}</strong></p><p lang="en">{en}</p></section>\n'
GENUINE = (
    "核验通过:文号“{number}”与验证码相符,确由本平台签发。请核对手中公文的文号与此一致。",
    "Genuine: a paper with the number {number} and this code was issued here. See that yours bears this number.",
)
NOT_GENUINE = (
    "核验未通过:没有签发过此文号与验证码的公文。请核对输入;仍不符的,请勿采信,并向发文机关查询。",
    "Not genuine: no paper with this number and code was issued here. Check what you typed; if it is as printed, "
    "do not rely on the paper, and ask the office that it names.",
)
INCOMPLETE = ("请同时填写文号和验证码。", "Give both the number and the code.")


class VerificationPage:
    """The ASGI application at ``/verify``; ``ask`` says whether a paper is genuine: (address, number, code)."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in {"GET", "HEAD"}:
            await Response("use GET", 405, {"allow": "GET, HEAD"})(scope, receive, send)
            return
        response = await self._page(Request(scope))
        await response(scope, receive, send)

    async def _page(self, request: Request) -> Response:
        number, code = (request.query_params.get(name, "")[:LONGEST].strip() for name in ("number", "code"))
        if not number and not code:
            return _shown("", number, code)
        if not number or not code:
            return _shown(_section("incomplete", INCOMPLETE), number, code)
        try:
            genuine = await self._ask(request.client.host if request.client else "", number, code)
        except RequestError as refusal:
            return self._refused(request, refusal, number, code)
        except UNREACHABLE:
            return self._refused(request, unavailable(), number, code)
        except Exception as error:
            return self._refused(request, RequestError(internal(error)), number, code)
        kind, said = ("genuine", GENUINE) if genuine else ("not", NOT_GENUINE)
        return _shown(_section(kind, said, number), number, code)

    @staticmethod
    def _refused(request: Request, refusal: RequestError, number: str, code: str) -> Response:
        facts_of(request.scope)["error"] = refusal.code.value
        said = refusal.faults[0].message
        answer = _shown(_section("refused", (said.zh, said.en)), number, code, refusal.code.status)
        for name, value in refusal.headers:
            answer.headers[name.decode()] = value.decode()
        return answer


def _section(kind: str, said: tuple[str, str], number: str = "") -> str:
    zh, en = (escape(each.format(number=number)) for each in said)
    return SECTION.format(kind=kind, zh=zh, en=en)


def _shown(answer: str, number: str, code: str, status: int = 200) -> Response:
    page = PAGE.format(style=STYLE, answer=answer, number=escape(number), code=escape(code))
    return HTMLResponse(page, status, HEADERS)
