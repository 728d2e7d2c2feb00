"""What offices do with filings (备案): they receive what was submitted, and enter what came to them otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.access import Role
from domain.calendar import SHANGHAI, local_date
from domain.checks import Checks
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.filings.clock import start_clock
from domain.filings.drafting import attach, begin, begun, entered_form, fileable, hand_in, refresh, require_complete
from domain.filings.entities import OFFLINE, Filing, FilingChannel
from domain.filings.form import FilingForm
from domain.filings.life import check, take
from domain.grading.as_filed import enter_as_filed, read_as_filed
from domain.mailed.collecting import mark_entered
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.packages.taking_in import Prepared, grading_of, opened, subject_of, unpacked_documents
from domain.records import within
from domain.returns.use_cases import open_return
from domain.systems.entities import System
from domain.systems.use_cases import add_system
from domain.work import Work


async def receive_filing(work: Work, *, filing_id: UUID, version: int | None = None) -> Filing:
    """A district office receives its district-level units' filings, the city office those of city-level units.

    At the district: → RECEIVED, listed in the month's return. At the city: → UNDER_REVIEW, the clock starts.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("receiveFiling")
    filing = await work.load(Filing, filing_id, field="filingId", version=version)
    step = f"receiveFiling.{_office(work, filing.authority)}"
    check(filing, step)
    await _arrived(work, filing, None)
    take(work, filing, step)
    filing.received_at = work.now
    return filing


async def enter_filing(
    work: Work,
    *,
    channel: FilingChannel,
    received_on: dt.date,
    system_id: UUID | None = None,
    system: Mapping[str, Any] | None = None,
    grading: Mapping[str, Any] | None = None,
    form: Mapping[str, Any] | None = None,
    documents: Sequence[Mapping[str, Any]] | None = None,
    package_id: UUID | None = None,
    package: Prepared | None = None,
) -> Filing:
    """Enter a filing that came by e-mail, courier or document exchange, as it came, for a unit of the office's own.

    A unit that has never worked on the platform may have neither entered nor graded its system: then ``system`` is
    entered with it, and ``grading`` as it was filed. Both are the unit's from then on.
    At the district: RECEIVED; at the city: UNDER_REVIEW, its clock counting from ``received_on``. The form may be
    incomplete, as reply B is the answer to that; but there is nothing to receive before the electronic archive has
    come. ``documents`` holds ``{"documentId", "kind"}``.
    With ``package_id``, a filing package that was uploaded (``package``: as it was prepared), it says all that is not
    given beside it: whose filing of which system it is, the grading, the form; what is packed in it becomes the
    filing's documents.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, UPLOAD_REJECTED, MISSING_ITEMS).
    """
    if package_id is not None:
        work.require("enterFiling")
        problems = _arrival_problems(work, FilingChannel[channel], received_on)
        sound = await opened(work, package_id, package, problems)
        if system_id is None and system is None:
            system_id, system = await subject_of(work, sound, problems)
        if grading is None:
            grading = await grading_of(work, sound, system_id)
        form = {**sound.form, **(form or {})}
        documents = [*(documents or ()), *await unpacked_documents(work, sound)]
    filing = await enter(
        work,
        channel=channel,
        received_on=received_on,
        system_id=system_id,
        system=system,
        grading=grading,
        fill=lambda _: form or {},
        documents=documents or (),
    )
    if package_id is not None:
        await mark_entered(work, package_id, filing)
    return filing


async def enter(
    work: Work,
    *,
    channel: FilingChannel,
    received_on: dt.date,
    system_id: UUID | None,
    system: Mapping[str, Any] | None,
    grading: Mapping[str, Any] | None,
    fill: Callable[[FilingForm], Mapping[str, Any]],
    documents: Sequence[Mapping[str, Any]],
) -> Filing:
    """The same, with a form whose tables follow from what is prefilled. Raises as ``enter_filing`` does."""
    work.require("enterFiling")
    problems = _arrival_problems(work, FilingChannel[channel], received_on)
    unit = await _unit(work, system_id, system)
    step = f"enterFiling.{_office(work, unit.authority_level)}"
    filed = await _as_it_came(work, unit, received_on, problems, system_id=system_id, system=system, grading=grading)
    filing = await begin(work, step, filed, await fileable(work, filed), channel=FilingChannel[channel])
    form = FilingForm.model_validate(filing.form)
    entered = await entered_form(work, form, fill(form), problems)
    moment = _moment(work, received_on)
    filing.submitted_at = filing.received_at = moment
    work.session.add(filing)
    await _arrived(work, filing, received_on)
    await begun(work, filing, step, channel=filing.channel, receivedOn=received_on.isoformat())
    await _attach_all(work, filing, documents)
    await refresh(work, filing, entered)
    require_complete(filing, only=[DocumentKind.FILING_ARCHIVE])
    await hand_in(work, filing)
    return filing


async def _unit(work: Work, system_id: UUID | None, system: Mapping[str, Any] | None) -> Organisation:
    """Whose filing it is. Raises: Refusal(NOT_FOUND, INVALID_INPUT)."""
    if (system_id is None) == (system is None):
        raise refuse(
            ErrorCode.INVALID_INPUT,
            "请给出已登记系统的 systemId,或在 system 中填写尚未登记的系统,二者择一。",
            "Give the systemId of a system that is entered already, or else the new system in full (system).",
            "systemId",
        )
    if system is not None:
        return await work.load(Organisation, system["unitId"], field="system.unitId", lock=False)
    known = await work.load(System, system_id, field="systemId")
    return await work.get(Organisation, known.unit_id)


async def _as_it_came(
    work: Work,
    unit: Organisation,
    received_on: dt.date,
    problems: Sequence[Problem],
    *,
    system_id: UUID | None,
    system: Mapping[str, Any] | None,
    grading: Mapping[str, Any] | None,
) -> System:
    """The system filed: known, or entered now; graded as it was filed, where that is given.

    Raises: Refusal with everything that is wrong with either, after the ``problems`` found before.
    """
    found: list[Problem] = []
    checks = Checks()
    graded = None if grading is None else read_as_filed(checks, grading, received_on)
    found += within("grading", checks.problems)
    if system is None:
        filed = await work.load(System, system_id, field="systemId")
    else:
        try:
            given = {"name": system["name"], "code": system["code"], "in_service_on": system.get("inServiceOn")}
            filed = await add_system(work, "enterFiling", unit, given)
        except Refusal as refusal:
            found += within("system", refusal.problems)
    if found:
        raise Refusal(*problems, *found)
    if graded is not None:
        await enter_as_filed(work, filed, *graded)
    return filed


def _office(work: Work, authority: AuthorityLevel | None) -> str:
    """Which office the caller acts for, ``city`` or ``district``, if it is the one for such filings.

    Raises: Refusal(FORBIDDEN).
    """
    office = AuthorityLevel.CITY if work.caller.role is Role.CITY_OFFICE else AuthorityLevel.DISTRICT
    if authority is not office:
        raise refuse(
            ErrorCode.FORBIDDEN,
            "该备案须由其同级主管机关接收。",
            "This filing is for the authority of its unit's own level to receive.",
        )
    return office.value.lower()


async def _arrived(work: Work, filing: Filing, on: dt.date | None) -> None:
    """The city's clock starts; or the district's return of the month lists it."""
    if filing.authority is AuthorityLevel.CITY:
        await start_clock(work, filing, arrived=on)
    else:
        filing.monthly_return_id = (await open_return(work)).id


def _arrival_problems(work: Work, channel: FilingChannel, received_on: dt.date) -> list[Problem]:
    checks = Checks()
    if channel not in OFFLINE:
        ways_zh, ways_en = "、".join(each.zh for each in OFFLINE), ", ".join(OFFLINE)
        checks.wrong("channel", f"代录的备案须来自:{ways_zh}。", f"What is entered for a unit came by {ways_en}.")
    if received_on > local_date(work.now):
        checks.wrong("receivedOn", "收到日期不得晚于今天。", "The day of arrival may not be later than today.")
    return checks.problems


def _moment(work: Work, day: dt.date) -> dt.datetime:
    """Now, for what came today; else that day's beginning in China."""
    return work.now if day == local_date(work.now) else dt.datetime.combine(day, dt.time(), SHANGHAI)


async def _attach_all(work: Work, filing: Filing, documents: Sequence[Mapping[str, Any]]) -> None:
    """Every document, or none: what is wrong with any of them is told together."""
    problems: list[Problem] = []
    for number, each in enumerate(documents):
        try:
            kind, field = DocumentKind[each["kind"]], f"documents.{number}.documentId"
            await attach(work, filing, each["documentId"], kind, field)
        except Refusal as refusal:
            problems += refusal.problems
    if problems:
        raise Refusal(*problems)
