"""The filing form as it is printed: 《信息系统安全等级保护备案表》, cover and tables 1 to 4 (公通字[2007]43号).

Fields, codes and order are those of domain facts 3. Boxes are ticked, what is not filled in stays empty: the paper can
be completed and sealed by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from domain.filings.form import Attachment, FilingForm, GradingTable, KeyProduct, Leader, SystemTable, UnitTable
from domain.filings.form_terms import (
    BusinessType,
    DomesticUse,
    Industry,
    Interconnection,
    NetworkCoverage,
    NetworkNature,
    ProductKind,
    ServiceAudience,
    ServiceKind,
    ServiceProvider,
    ServiceScope,
    Subordination,
    UnitType,
)
from domain.filings.missing import TABLE_4_FROM_LEVEL, table_4
from domain.papers.chinese import level_name
from domain.papers.sheets import OPEN, TICKED, Cell, PrintedForm, Sheet
from domain.text import Term

TITLE = "信息系统安全等级保护备案表"
BLANK = "        "


@dataclass(frozen=True, slots=True)
class Cover:
    """What the cover says beside the form's own answers; None is left to be filled in by hand."""

    number: str | None = None
    filed_on: dt.date | None = None
    authority: str | None = None
    accepted_on: dt.date | None = None


# The boxes of table 3, level by level, as the form words them.
DAMAGES: tuple[tuple[int, tuple[tuple[str, str], ...]], ...] = (
    (1, (("1-1", "仅对公民、法人和其他组织的合法权益造成损害"),)),
    (
        2,
        (
            ("2-2", "对公民、法人和其他组织的合法权益造成严重损害"),
            ("3-2", "对社会秩序和公共利益造成损害"),
        ),
    ),
    (3, (("4-3", "对社会秩序和公共利益造成严重损害"), ("5-3", "对国家安全造成损害"))),
    (4, (("6-4", "对社会秩序和公共利益造成特别严重损害"), ("7-4", "对国家安全造成严重损害"))),
    (5, (("8-5", "对国家安全造成特别严重损害"),)),
)


def printed(form: FilingForm, cover: Cover, at: dt.datetime) -> PrintedForm:
    """The whole form; ``at`` is the moment that its files bear."""
    unit = form.unit.unit_name or ""
    return PrintedForm(
        title=TITLE,
        subtitle=form.system.system_name or "",
        issuer=unit,
        cover=(
            ("备案表编号", cover.number or ""),
            ("备案单位(盖章)", unit),
            ("备案日期", _day(cover.filed_on)),
            ("受理备案单位(盖章)", cover.authority or ""),
            ("受理日期", _day(cover.accepted_on)),
        ),
        sheets=(_table_1(form.unit), _table_2(form.system), _table_3(form.grading), _table_4(form)),
        at=at,
    )


# --- table 1 ---


def _table_1(unit: UnitTable) -> Sheet:
    return Sheet(
        "表一 单位基本情况",
        (5, 4, 6, 4, 6),
        (
            (_label("01 单位名称"), _value(unit.unit_name, 4)),
            (_label("02 单位地址"), Cell(_address(unit), 4)),
            (
                _label("03 邮政编码"),
                _value(unit.postcode, 2),
                _label("04 行政区划代码"),
                _value(unit.division_code),
            ),
            *_person("05 单位负责人", unit.leader, ()),
            (_label("06 责任部门"), _value(unit.responsible_department, 4)),
            *_person(
                "07 责任部门联系人",
                unit.contact,
                (("移动电话", unit.contact.mobile if unit.contact else None),),
            ),
            (_label("08 隶属关系"), _choice(Subordination, unit.subordination, unit.subordination_other, 4)),
            (_label("09 单位类型"), _choice(UnitType, unit.unit_type, unit.unit_type_other, 4)),
            (_label("10 行业类别"), _choice(Industry, unit.industry, unit.industry_other, 4)),
            (
                _label("11 信息系统总数"),
                Cell(_count(unit.system_total), 2),
                _label("12 第二级信息系统数"),
                Cell(_count(unit.level_2_count)),
            ),
            (
                _label("13 第三级信息系统数"),
                Cell(_count(unit.level_3_count), 2),
                _label("14 第四级信息系统数"),
                Cell(_count(unit.level_4_count)),
            ),
            (_label("15 第五级信息系统数"), Cell(_count(unit.level_5_count), 4)),
        ),
    )


def _address(unit: UnitTable) -> str:
    places = (
        (unit.province, "省(自治区、直辖市)"),
        (unit.city, "地(区、市、州、盟)"),
        (unit.county, "县(区、市、旗)"),
    )
    return " ".join(f"{name or BLANK} {suffix}" for name, suffix in places) + f"\n{unit.address or ''}"


def _person(label: str, person: Leader | None, more: Sequence[tuple[str, str | None]]) -> Iterable[tuple[Cell, ...]]:
    given = person or Leader()
    yield (
        Cell(label, rows=3 if more else 2, label=True),
        _label("姓名"),
        _value(given.name),
        _label("职务/职称"),
        _value(given.title),
    )
    yield _label("办公电话"), _value(given.phone), _label("电子邮件"), _value(given.email)
    for name, answer in more:
        yield _label(name), _value(answer, 3)


# --- table 2 ---


def _table_2(system: SystemTable) -> Sheet:
    return Sheet(
        "表二(1/1) 信息系统情况",
        (5, 4, 3, 4, 5, 6),
        (
            (
                _label("01 系统名称"),
                _value(system.system_name, 3),
                _label("02 系统编号"),
                _value(system.system_number),
            ),
            (
                Cell("03 系统承载业务情况", rows=2, label=True),
                _label("业务类型"),
                _choices(BusinessType, system.business_types or (), system.business_other, 4),
            ),
            (_label("业务描述"), _value(system.business_description, 4)),
            (
                Cell("04 系统服务情况", rows=2, label=True),
                _label("服务范围"),
                Cell(_scope(system), 4),
            ),
            (_label("服务对象"), _choice(ServiceAudience, system.service_audience, system.service_audience_other, 4)),
            (
                Cell("05 系统网络平台", rows=2, label=True),
                _label("覆盖范围"),
                _choice(NetworkCoverage, system.network_coverage, system.network_coverage_other, 4),
            ),
            (_label("网络性质"), _choice(NetworkNature, system.network_nature, system.network_nature_other, 4)),
            (
                _label("06 系统互联情况"),
                _choices(Interconnection, system.interconnections or (), system.interconnection_other, 5),
            ),
            *_products(system),
            *_services(system),
            (_label("09 等级测评单位名称"), _value(system.assessor_name, 5)),
            (_label("10 何时投入运行使用"), Cell(_day(system.in_service_on), 5)),
            (
                _label("11 系统是否是分系统"),
                Cell(f"{_box(system.is_subsystem is True)}是    {_box(system.is_subsystem is False)}否", 5),
            ),
            (_label("12 上级系统名称"), _value(system.parent_system, 5)),
            (_label("13 上级系统所属单位名称"), _value(system.parent_unit, 5)),
        ),
        ("系统是分系统的,请填写第 12、13 项。",),
    )


def _scope(system: SystemTable) -> str:
    counted = {ServiceScope.CROSS_PROVINCE, ServiceScope.CROSS_CITY}

    def name(scope: ServiceScope) -> str:
        chosen = scope is system.service_scope
        if scope in counted:
            return f"{scope.zh} 跨 {(system.service_scope_count if chosen else None) or '    '} 个"
        return scope.zh + (_free(system.service_scope_other if chosen else None) if scope is ServiceScope.OTHER else "")

    return "  ".join(f"{_box(scope is system.service_scope)}{scope.code} {name(scope)}" for scope in ServiceScope)


def _products(system: SystemTable) -> Iterable[tuple[Cell, ...]]:
    rows = [
        (kind, row)
        for kind in ProductKind
        for row in [each for each in system.key_products or () if each.kind is kind] or (None,)
    ]
    head = (_label("产品类型", 2), _label("数量"), _label("使用国产品率", 2))
    yield Cell("07 关键产品使用情况", rows=len(rows) + 1, label=True), *head
    for kind, row in rows:
        other = _free(row.other if row else None) if kind is ProductKind.OTHER else ""
        yield (
            Cell(f"{kind.code} {kind.zh}{other}", 2),
            _value(None if row is None else str(row.count)),
            Cell(_domestic(row), 2),
        )


def _domestic(row: KeyProduct | None) -> str:
    use = row.domestic_use if row else None
    percent = row.domestic_percent if row and use is DomesticUse.PARTIAL else None
    shown = "    " if percent is None else percent
    return (
        f"{_box(use is DomesticUse.ALL)}全部使用  {_box(use is DomesticUse.NONE)}全部未使用\n"
        f"{_box(use is DomesticUse.PARTIAL)}部分使用及使用率 {shown} %"
    )


def _services(system: SystemTable) -> Iterable[tuple[Cell, ...]]:
    rows = [
        (kind, row)
        for kind in ServiceKind
        for row in [each for each in system.services or () if each.kind is kind] or (None,)
    ]
    yield (
        Cell("08 系统采用服务情况", rows=len(rows) + 1, label=True),
        _label("服务类型", 3),
        _label("服务责任方类型", 2),
    )
    for kind, row in rows:
        other = _free(row.other if row else None) if kind is ServiceKind.OTHER else ""
        used = row.used if row else None
        yield (
            Cell(f"{kind.code} {kind.zh}{other}", 2),
            Cell(f"{_box(used is True)}有 {_box(used is False)}无"),
            _choice(ServiceProvider, row.provider if row else None, None, 2),
        )


# --- table 3 ---


def _table_3(grading: GradingTable) -> Sheet:
    return Sheet(
        "表三(1/1) 信息系统定级情况",
        (5, 4, 8, 4),
        (
            *_damages(
                "01 确定业务信息安全保护等级",
                grading.business_information_boxes or (),
                grading.business_information_level,
            ),
            *_damages("02 确定系统服务安全保护等级", grading.system_service_boxes or (), grading.system_service_level),
            (
                _label("03 信息系统安全保护等级"),
                Cell("  ".join(f"{_box(level == grading.level)}{level_name(level)}" for level in range(1, 6)), 3),
            ),
            (_label("04 定级时间"), Cell(_day(grading.graded_on), 3)),
            (_label("05 专家评审情况"), _either(grading.expert_reviewed, "已评审", "未评审", 3)),
            (_label("06 是否有主管部门"), _either(grading.has_competent_department, "有", "无", 3)),
            (_label("07 主管部门名称"), _value(grading.competent_department, 3)),
            (_label("08 主管部门审批定级情况"), _either(grading.department_approved, "已审批", "未审批", 3)),
            (_label("09 系统定级报告"), _either(grading.has_grading_report, "有", "无", 3)),
            (
                _label("填表人"),
                _value(grading.filled_by, 2),
                Cell(f"填表日期:\n{_day(grading.filled_on)}"),
            ),
        ),
        ("有主管部门的,请填写第 07、08 项。", "备案审核民警:                审核日期:        年    月    日"),
    )


def _damages(label: str, boxes: Collection[str], level: int | None) -> Iterable[tuple[Cell, ...]]:
    head = (_label("损害客体及损害程度", 2), _label("级别"))
    yield Cell(label, rows=len(DAMAGES) + 1, label=True), *head
    for each, damages in DAMAGES:
        said = "\n".join(f"{_box(code in boxes)}{code} {text}" for code, text in damages)
        yield Cell(said, 2), Cell(f"{_box(each == level)}{level_name(each)}")


# --- table 4 ---


def _table_4(form: FilingForm) -> Sheet:
    rows = {row.kind: row for row in form.attachments}
    kinds = table_4(TABLE_4_FROM_LEVEL)
    return Sheet(
        "表四(1/1) 第三级以上信息系统提交材料情况",
        (9, 4, 8),
        tuple(_material(f"{number:02} {kind.zh}", rows.get(kind)) for number, kind in enumerate(kinds, 1)),
        ("本表由第三级以上信息系统填写,材料附后。",),
    )


def _material(label: str, row: Attachment | None) -> tuple[Cell, ...]:
    present = row.present if row else None
    return (
        _label(label),
        _either(present, "有", "无", 1),
        Cell(f"附件名称:{(row.filename if row else None) or ''}"),
    )


# --- cells ---


def _label(text: str, columns: int = 1) -> Cell:
    return Cell(text, columns, label=True)


def _value(text: str | None, columns: int = 1) -> Cell:
    return Cell(text or "", columns)


def _either(answer: bool | None, yes: str, no: str, columns: int) -> Cell:
    return Cell(f"{_box(answer is True)}{yes}    {_box(answer is False)}{no}", columns)


def _choice(terms: type[Term], chosen: Term | None, other: str | None, columns: int) -> Cell:
    return _choices(terms, () if chosen is None else (chosen,), other, columns)


def _choices(terms: type[Term], chosen: Collection[Term], other: str | None, columns: int) -> Cell:
    """All of a vocabulary with its codes, those ``chosen`` ticked; the last, where it is 其他, with its words."""
    said = (
        f"{_box(term in chosen)}{term.code} {term.zh}{_free(other) if term.value == 'OTHER' else ''}" for term in terms
    )
    return Cell("  ".join(said), columns)


def _free(text: str | None) -> str:
    return f"({text or BLANK})"


def _box(ticked: bool) -> str:
    return TICKED if ticked else OPEN


def _count(count: int | None) -> str:
    return f"{'    ' if count is None else count} 个"


def _day(day: dt.date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
