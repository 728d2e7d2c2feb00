"""Printing a filing's form (打印备案表): whoever sees the filing gets it, a draft as well, as it stands now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from domain.calendar import local_date
from domain.filings.entities import Filing
from domain.filings.form import FilingForm
from domain.filings.printed import Cover, printed
from domain.organisations.entities import AuthorityLevel, Organisation, OrganisationKind
from domain.papers.sheets import PrintedForm
from domain.work import Work


@dataclass(frozen=True, slots=True)
class Printing:
    """A form to be set, and a name for its file, without an ending."""

    form: PrintedForm
    filename: str


async def print_filing(work: Work, *, filing_id: UUID) -> Printing:
    """The filing's form with its cover; each printing is audited, like a download. The same state, the same bytes.

    Raises: Refusal(FORBIDDEN, NOT_FOUND).
    """
    work.require("requestDownload")
    filing = await work.load(Filing, filing_id, field="id", lock=False)
    form = FilingForm.model_validate(filing.form)
    cover = Cover(
        number=filing.number,
        filed_on=_day(filing.submitted_at),
        authority=await _authority(work, filing) if filing.submitted_at else None,
        accepted_on=_day(filing.received_at),
    )
    work.record("requestDownload", filing)
    name = f"备案表-{form.system.system_name or form.unit.unit_name or ''}"
    return Printing(printed(form, cover, filing.submitted_at or filing.created_at), name)


async def _authority(work: Work, filing: Filing) -> str | None:
    """The name of the office that the filing is with."""
    of_district = filing.authority is AuthorityLevel.DISTRICT
    query = select(Organisation.name).where(
        Organisation.tenant_id == filing.tenant_id,
        Organisation.kind == (OrganisationKind.DISTRICT_OFFICE if of_district else OrganisationKind.CITY_OFFICE),
    )
    if of_district:
        query = query.where(Organisation.district_id == filing.district_id)
    return await work.session.scalar(query.order_by(Organisation.id).limit(1))


def _day(moment: dt.datetime | None) -> dt.date | None:
    return local_date(moment) if moment else None
