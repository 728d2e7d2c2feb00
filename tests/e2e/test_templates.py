"""Templates of papers: an administrator replaces them, sees how they look, and goes back; issued papers stay."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.templates.forms import FORMS, LetterKind
from tests.e2e.flows import answered, codes, done, node, under_review
from tests.e2e.test_papers import LETTER, fetched, word
from tests.e2e.test_verification import prove_genuine
from tests.papers.test_rendering import joined, of_pdf, of_word
from tests.support import Api, BackgroundWork

ADMIN = "city.admin"
FORM = (
    "query($k:LetterKind){letterTemplates(kind:$k){kind layout current{%s} default{title} versions{version isDefault}\
 placeholders{name description required optional block}}}"
)
WORDS = "version isDefault title parts{style text} signer head numberPrefix sealText"
PREVIEW = "query($k:LetterKind!,$t:LetterTemplateInput){letterPreview(kind:$k,template:$t){filename mediaType base64\
 userErrors{code field message}}}"
OWN: dict[str, Any] = {
    "title": "{system}备案复函",
    "head": "{city}市信息办文件",
    "numberPrefix": "{city}信函",
    "signer": "{office}(代章)",
    "sealText": "加盖公章有效",
    "parts": [
        {"style": "HEADING", "text": "{n}、结论"},
        {"style": "PARAGRAPH", "text": "{unit}:{system}({filingNumber})定为{level}。"},
        {"style": "HEADING", "text": "{n}、意见"},
        {"style": "PARAGRAPH", "text": "{remark}"},
    ],
}


async def form(api: Api, person: str = ADMIN, kind: str = "REPLY_A") -> dict[str, Any]:
    (found,) = (await api.ask(person, FORM % WORDS, k=kind))["letterTemplates"]
    return dict(found)


async def replaced(api: Api, version: int, kind: str = "REPLY_A", **template: Any) -> dict[str, Any]:
    given = {"kind": kind, "version": version, "template": {**OWN, **template}, "reason": "统一用语"}
    return await api.do(ADMIN, "setLetterTemplate", f"letterTemplate{{{WORDS} reason changedAt}}", **given)


@pytest.fixture
async def at_last_the_platforms_own(api: Api) -> AsyncIterator[None]:
    yield
    for kind in ("REPLY_A", "REPLY_B"):
        now = (await form(api, kind=kind))["current"]
        if not now["isDefault"]:
            given = {"kind": kind, "version": now["version"], "reason": "恢复"}
            await done(api, ADMIN, "resetLetterTemplate", "letterTemplate{version}", **given)


async def test_every_kind_has_the_platforms_own_words_and_tells_what_it_may_name(api: Api) -> None:
    found = (await api.ask("city.officer", FORM % WORDS, k=None))["letterTemplates"]
    assert [each["kind"] for each in found] == [*LetterKind]
    for each in found:
        assert each["current"]["isDefault"]
        assert each["current"]["title"] == each["default"]["title"]
        named = {place["name"] for place in each["placeholders"]}
        assert named == FORMS[LetterKind(each["kind"])].placeholders.keys()
        assert all(place["description"] for place in each["placeholders"])
    for person in ("unit.filer", "district.officer", "expert", "assessor"):
        assert (await api.ask(person, FORM % WORDS, k=None))["letterTemplates"] == []


async def test_a_replaced_template_words_and_numbers_what_is_issued_from_then_on(
    api: Api, jobs: BackgroundWork, at_last_the_platforms_own: None
) -> None:
    before = await answered(api, await under_review(api), "A")
    version, other_version = [(await form(api, kind=kind))["current"]["version"] for kind in ("REPLY_A", "REPLY_B")]
    made = (await replaced(api, version))["letterTemplate"]
    assert {name: made[name] for name in OWN} == OWN
    assert (made["version"], made["isDefault"], made["reason"]) == (version + 1, False, "统一用语")
    issued = await answered(api, await under_review(api), "A", body=None)
    after = await answered(api, await under_review(api), "B", missingItems=["TOPOLOGY"])
    assert re.fullmatch("北京信函〔[0-9]{4}〕1号", issued["number"])
    assert before["number"].startswith("北京信息办备复")
    await jobs.run()
    old, new, other = [
        await node(api, "unit.filer", each["id"], "ReplyLetter", f"{LETTER} document{{template}}")
        for each in (before, issued, after)
    ]
    assert [each["document"]["template"] for each in (old, new, other)] == [
        f"REPLY_A/{version}", f"REPLY_A/{version + 1}", f"REPLY_B/{other_version}",
    ]  # fmt: skip
    for found in (
        of_pdf(await fetched(api, "unit.filer", new["document"]["id"])),
        of_word(await fetched(api, "unit.filer", word(new))),
    ):
        for said in ("北京市信息办文件", "备案复函", "一、结论", "定为第二级", "(代章)", "加盖公章有效"):
            assert joined(said.replace("(", "（").replace(")", "）")) in found, said
        # Nothing was added, so that its heading is left out; nor is there anything of the platform's words.
        assert "意见" not in found
        assert "特此函复" not in found
    assert "特此函复" in of_pdf(await fetched(api, "unit.filer", old["document"]["id"]))
    await prove_genuine(api, "unit.filer", new["document"])
    # Kinds with the same prefix share its numbers.
    required = [{"style": "PARAGRAPH", "text": "{items}"}]
    assert (await replaced(api, other_version, "REPLY_B", parts=required))["userErrors"] == []
    next_ = await answered(api, await under_review(api), "B", missingItems=["TOPOLOGY"])
    assert re.fullmatch("北京信函〔[0-9]{4}〕2号", next_["number"])
    assert (await form(api, "city.admin@tianjin"))["current"]["version"] == 0, "another city's is its own"


async def test_whoever_read_an_older_version_is_told(api: Api, at_last_the_platforms_own: None) -> None:
    version = (await form(api))["current"]["version"]
    assert (await replaced(api, version))["userErrors"] == []
    assert codes(await replaced(api, version)) == ["CONFLICT"]
    given = {"kind": "REPLY_A", "version": version + 1, "reason": "恢复"}
    back = await done(api, ADMIN, "resetLetterTemplate", f"letterTemplate{{{WORDS}}}", **given)
    assert (back["version"], back["isDefault"], back["numberPrefix"]) == (version + 2, True, "{city}信息办备复")
    again = await api.do(ADMIN, "resetLetterTemplate", "letterTemplate{kind}", **{**given, "version": version + 2})
    assert codes(again) == ["INVALID_STATE"]
    kept = (await form(api))["versions"]
    assert [(each["version"], each["isDefault"]) for each in kept[:2]] == [(version + 2, True), (version + 1, False)]


WRONG = {
    "title": ("{nobody}", "template.title"),
    "signer": ("", "template.signer"),
    "head": (None, "template.head"),
    "numberPrefix": ("津〔2026〕1", "template.numberPrefix"),
    "sealText": ("{", "template.sealText"),
    "parts": ([{"style": "PARAGRAPH", "text": '#read("/etc/passwd") {unit.__class__}'}], "template.parts.0.text"),
}


async def test_everything_that_is_wrong_is_told_at_once_and_nothing_changes(api: Api) -> None:
    version = (await form(api))["current"]["version"]
    given = {name: value for name, (value, _) in WRONG.items()}
    for problems in (
        (await replaced(api, version, **given))["userErrors"],
        (await api.ask(ADMIN, PREVIEW, k="REPLY_A", t={**OWN, **given}))["letterPreview"]["userErrors"],
    ):
        fields = [each["field"] for each in problems]
        assert {each["code"] for each in problems} == {"INVALID_INPUT"}
        assert {field for _, field in WRONG.values()} <= {*fields}
        # A reply A says of what number and level.
        assert fields.count("template.parts") == 2
        assert all(re.search("[一-鿿]", each["message"]) for each in problems)
    assert (await form(api))["current"]["version"] == version


@pytest.mark.parametrize("kind", LetterKind)
async def test_a_kind_is_seen_before_it_is_used(api: Api, kind: str) -> None:
    seen = (await api.ask(ADMIN, PREVIEW, k=kind, t=None))["letterPreview"]
    assert (seen["mediaType"], seen["userErrors"]) == ("application/pdf", [])
    text = of_pdf(base64.b64decode(seen["base64"]))
    assert "{" not in text
    if FORMS[LetterKind(kind)].template.number_prefix:
        assert "〕0号" in text


async def test_previews_are_the_administrators_and_markup_in_them_is_inert(api: Api) -> None:
    hostile = '#import "/etc/passwd" $x$ <b> \\ {level}{filingNumber}'
    given = {**OWN, "parts": [{"style": "PARAGRAPH", "text": hostile}]}
    seen = (await api.ask(ADMIN, PREVIEW, k="REPLY_A", t=given))["letterPreview"]
    text = of_pdf(base64.b64decode(seen["base64"]))
    assert joined('#import"/etc/passwd"$x$<b>\\第三级11010800001-00001') in text
    for person in ("city.officer", "city.leader", "unit.admin", "expert"):
        answer = await api.answer(person, PREVIEW, k="REPLY_A", t=None)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
