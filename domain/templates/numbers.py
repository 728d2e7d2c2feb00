"""How the city's papers are numbered (文号): ``机关代字〔年份〕序号号`` (GB/T 9704-2012, 7.2.5).

Papers with the same prefix share one series, as an office keeps one register for it: no number is given twice,
whatever prefixes a city chooses.
"""

from __future__ import annotations

from domain.calendar import local_date
from domain.numbering import next_number
from domain.templates.compose import filled
from domain.templates.content import Template
from domain.tenants.entities import Tenant
from domain.work import Work


def prefix_of(template: Template, city: str) -> str:
    """The issuer's abbreviation in ``city`` (``北京市``)."""
    assert template.number_prefix is not None  # noqa: S101 - asked of numbered kinds only
    return filled(template.number_prefix, {"city": city.removesuffix("市")})


def series(prefix: str, year: int) -> str:
    """The name of a year's running numbers."""
    return f"letter:{prefix}〔{year}〕"


def written(prefix: str, year: int, number: int) -> str:
    """A number as it is printed."""
    return f"{prefix}〔{year}〕{number}号"


async def take_number(work: Work, template: Template) -> str:
    """The next number of a template's series; others of the series wait until this transaction ends."""
    year = local_date(work.now).year
    tenant = await work.session.get_one(Tenant, work.caller.tenant_id)
    prefix = prefix_of(template, tenant.name)
    return written(prefix, year, await next_number(work, series(prefix, year)))
