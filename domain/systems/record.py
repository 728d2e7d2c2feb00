"""What is written down of a system (信息系统登记信息)."""

from __future__ import annotations

import datetime as dt

from domain.filings.form import Code, Short, Table, says


class SystemRecord(Table):
    """信息系统登记信息 / what is written down of a system"""

    name: Short | None = says("名称", "name")
    code: Code | None = says("单位自编编号", "the unit's own number for it")
    in_service_on: dt.date | None = says("投入运行日期", "in service since")


REQUIRED = ("name", "code")
