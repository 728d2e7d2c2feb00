"""The filing form (《信息系统安全等级保护备案表》, edition of 公通字[2007]43号) as typed tables.

A draft may lack anything, so every field is optional; what a complete form needs is in ``missing``. Fields that follow
from the grading or from the documents are in the stored tables only: the ``…Entry`` tables are what a unit may enter.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from domain.codes import division_code_problem
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem
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
from domain.text import Term, Text

EDITION = "2007-43"

# Neither PostgreSQL's JSON nor a Word file can hold all of these.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def _answer(text: str) -> str | None:
    """An empty text is no answer."""
    if _UNPRINTABLE.search(text):
        raise PydanticCustomError("unprintable", "unprintable characters")
    return text or None


def _shaped(pattern: str, problem: Literal["six_digits", "email"]) -> AfterValidator:
    def check(text: str | None) -> str | None:
        if text is not None and not re.fullmatch(pattern, text):
            raise PydanticCustomError(problem, problem)
        return text

    return AfterValidator(check)


def _in_a_province(code: str | None) -> str | None:
    if code is not None and division_code_problem(code):
        raise PydanticCustomError("province", "province")
    return code


def _once(chosen: list[_Choice]) -> list[_Choice]:
    """Ticking a box twice is ticking it."""
    return list(dict.fromkeys(chosen))


_Choice = TypeVar("_Choice", bound=Term)
_Row = TypeVar("_Row")

Short = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True), AfterValidator(_answer)]
Long = Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True), AfterValidator(_answer)]
Phone = Annotated[str, StringConstraints(max_length=40, strip_whitespace=True), AfterValidator(_answer)]
Code = Annotated[str, StringConstraints(max_length=60, strip_whitespace=True), AfterValidator(_answer)]
Email = Annotated[Short, _shaped(r"[^@\s]+@[^@\s]+", "email")]
SixDigits = Annotated[Short, _shaped("[0-9]{6}", "six_digits")]
DivisionCode = Annotated[SixDigits, AfterValidator(_in_a_province)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Choices = Annotated[list[_Choice], Field(max_length=50), AfterValidator(_once)]
Rows = Annotated[list[_Row], Field(max_length=50)]


def says(zh: str, en: str, item: str = "") -> Any:
    """An optional field with its name in both languages, after the ``item`` number that the form prints beside it."""
    return Field(default=None, description=f"{item} {zh} / {item} {en}" if item else f"{zh} / {en}")


class Table(BaseModel):
    """A part of the form; its JSON is written as the API shows it."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Leader(Table):
    """单位负责人 / the leader in charge of security"""

    name: Short | None = says("姓名", "name")
    title: Short | None = says("职务/职称", "title")
    phone: Phone | None = says("办公电话", "office telephone")
    email: Email | None = says("电子邮件", "e-mail")


class Contact(Leader):
    """责任部门联系人 / the responsible department's contact person"""

    mobile: Phone | None = says("移动电话", "mobile telephone")


class UnitTable(Table):
    """表一 单位基本情况 / table 1, the unit"""

    unit_name: Short | None = says("单位名称", "name of the unit", "01")
    province: Short | None = says("省(自治区、直辖市)", "province", "02")
    city: Short | None = says("地(区、市、州、盟)", "prefecture", "02")
    county: Short | None = says("县(区、市、旗)", "county", "02")
    address: Short | None = says("详细地址", "address", "02")
    postcode: SixDigits | None = says("邮政编码(6 位数字)", "postcode, 6 digits", "03")
    division_code: DivisionCode | None = says("行政区划代码(6 位数字)", "division code, 6 digits", "04")
    leader: Leader | None = says("单位负责人", "leader in charge of security", "05")
    responsible_department: Short | None = says("责任部门", "responsible department", "06")
    contact: Contact | None = says("责任部门联系人", "contact person", "07")
    subordination: Subordination | None = says("隶属关系", "subordination", "08")
    subordination_other: Short | None = says("其他隶属关系", "another subordination", "08")
    unit_type: UnitType | None = says("单位类型", "type of unit", "09")
    unit_type_other: Short | None = says("其他单位类型", "another type of unit", "09")
    industry: Industry | None = says("行业类别", "industry", "10")
    industry_other: Short | None = says("其他行业", "another industry", "10")
    system_total: Count | None = says("信息系统总数", "number of systems", "11")
    level_2_count: Count | None = says("第二级信息系统数", "systems of level 2", "12")
    level_3_count: Count | None = says("第三级信息系统数", "systems of level 3", "13")
    level_4_count: Count | None = says("第四级信息系统数", "systems of level 4", "14")
    level_5_count: Count | None = says("第五级信息系统数", "systems of level 5", "15")


class KeyProduct(Table):
    """关键产品使用情况的一行 / one row of the key products"""

    kind: ProductKind = Field(description="产品类型 / kind of product")
    count: Count = Field(description="数量 / how many")
    domestic_use: DomesticUse = Field(description="使用国产品率 / share of domestic products")
    domestic_percent: Percent | None = says("部分使用时的使用率(%)", "share in percent, where some are domestic")
    other: Short | None = says("其他产品的名称", "which other product")


class ServiceUse(Table):
    """系统采用服务情况的一行 / one row of the services used"""

    kind: ServiceKind = Field(description="服务类型 / kind of service")
    used: bool = Field(description="是否采用 / whether it is used")
    provider: ServiceProvider | None = says("服务责任方类型", "who provides it")
    other: Short | None = says("其他服务的名称", "which other service")


class SystemTable(Table):
    """表二 信息系统情况 / table 2, the system"""

    system_name: Short | None = says("系统名称", "name of the system", "01")
    system_number: Short | None = says("系统编号(单位自编)", "the unit's own number", "02")
    business_types: Choices[BusinessType] | None = says("业务类型", "types of business", "03")
    business_other: Short | None = says("其他业务类型", "another type of business", "03")
    business_description: Long | None = says("业务描述", "description of the business", "03")
    service_scope: ServiceScope | None = says("服务范围", "reach of the service", "04")
    service_scope_count: Count | None = says("跨省或跨地的个数", "how many provinces or cities", "04")
    service_scope_other: Short | None = says("其它服务范围", "another reach", "04")
    service_audience: ServiceAudience | None = says("服务对象", "whom it serves", "04")
    service_audience_other: Short | None = says("其他服务对象", "whom else it serves", "04")
    network_coverage: NetworkCoverage | None = says("网络覆盖范围", "coverage of the network", "05")
    network_coverage_other: Short | None = says("其他覆盖范围", "another coverage", "05")
    network_nature: NetworkNature | None = says("网络性质", "nature of the network", "05")
    network_nature_other: Short | None = says("其它网络性质", "another nature", "05")
    interconnections: Choices[Interconnection] | None = says("系统互联情况", "what it is connected with", "06")
    interconnection_other: Short | None = says("其它互联情况", "what else it is connected with", "06")
    key_products: Rows[KeyProduct] | None = says("关键产品使用情况", "key products", "07")
    services: Rows[ServiceUse] | None = says("系统采用服务情况", "services used", "08")
    assessor_name: Short | None = says("等级测评单位名称", "name of the assessment body", "09")
    in_service_on: dt.date | None = says("何时投入运行使用", "in service since", "10")
    is_subsystem: bool | None = says("系统是否是分系统", "whether it is part of another system", "11")
    parent_system: Short | None = says("上级系统名称", "name of the system it is part of", "12")
    parent_unit: Short | None = says("上级系统所属单位名称", "unit of the system it is part of", "13")


class GradingEntry(Table):
    """表三 信息系统定级情况(填报部分) / table 3, what the unit enters of the grading"""

    expert_reviewed: bool | None = says("专家评审情况", "whether experts reviewed the level")
    has_competent_department: bool | None = says("是否有主管部门", "whether there is a competent department")
    competent_department: Short | None = says("主管部门名称", "name of the competent department")
    department_approved: bool | None = says("主管部门审批定级情况", "whether it approved the level")
    filled_by: Short | None = says("填表人", "filled in by")
    filled_on: dt.date | None = says("填表日期", "filled in on")


class GradingTable(GradingEntry):
    """表三 信息系统定级情况 / table 3, the grading"""

    business_information_level: int | None = says("业务信息安全保护等级", "level of business information")
    business_information_boxes: list[str] | None = says("业务信息所勾选项", "boxes ticked for business information")
    system_service_level: int | None = says("系统服务安全保护等级", "level of system service")
    system_service_boxes: list[str] | None = says("系统服务所勾选项", "boxes ticked for system service")
    level: int | None = says("信息系统安全保护等级", "the system's level")
    graded_on: dt.date | None = says("定级时间", "graded on")
    has_grading_report: bool | None = says("是否有系统定级报告", "whether there is a grading report")


class Attachment(Table):
    """表四的一行 / one row of table 4"""

    kind: DocumentKind = Field(description="材料种类 / kind of document")
    present: bool = Field(description="有无 / whether it is there")
    filename: str | None = says("附件名称", "its file name")


class FilingFormEntry(Table):
    """备案表的填报部分;给出的表整体替换原表 / what a unit enters; a table that is given replaces the former one"""

    unit: UnitTable | None = says("表一 单位基本情况", "table 1, the unit")
    system: SystemTable | None = says("表二 信息系统情况", "table 2, the system")
    grading: GradingEntry | None = says("表三 信息系统定级情况", "table 3, the grading")


class FilingForm(Table):
    """信息系统安全等级保护备案表 / the filing form"""

    unit: UnitTable = Field(default_factory=UnitTable, description="表一 单位基本情况 / table 1, the unit")
    system: SystemTable = Field(default_factory=SystemTable, description="表二 信息系统情况 / table 2, the system")
    grading: GradingTable = Field(default_factory=GradingTable, description="表三 定级情况 / table 3, the grading")
    attachments: list[Attachment] = Field(
        default_factory=list, description="表四 第三级以上信息系统提交材料情况 / table 4, materials from level 3 on"
    )

    def stored(self) -> dict[str, Any]:
        """The form as it is kept and shown."""
        return self.model_dump(mode="json", by_alias=True)


def merge(form: FilingForm, entry: FilingFormEntry) -> FilingForm:
    """``form`` with the tables that ``entry`` gives in place of its own; derived fields stay."""
    changes: dict[str, Any] = {}
    if entry.unit is not None:
        changes["unit"] = entry.unit
    if entry.system is not None:
        changes["system"] = entry.system
    if entry.grading is not None:
        entered = {name: getattr(entry.grading, name) for name in GradingEntry.model_fields}
        changes["grading"] = form.grading.model_copy(update=entered)
    return form.model_copy(update=changes)


# By pydantic's name of the problem, or by that name's first word.
PROBLEMS: dict[str, Text] = {
    "string_too_long": Text("不得超过 {max_length} 个字,请缩短。", "May have {max_length} characters; shorten it."),
    "string": Text("须为文字。", "Has to be text."),
    "unprintable": Text("含有不可打印的字符,请删除。", "Contains characters that cannot be printed; remove them."),
    "six_digits": Text("须为 6 位数字,例如 100031。", "Has to be 6 digits, such as 100031."),
    "province": Text(
        "前两位须为省级行政区划代码(GB/T 2260),例如 110108。",
        "Its first two digits have to be a province's (GB/T 2260), such as 110108.",
    ),
    "email": Text("须为电子邮件地址,例如 name@example.gov.cn。", "Has to be an address such as name@example.gov.cn."),
    "credit_code": Text("{zh}", "{en}"),
    "greater_than_equal": Text("不得小于 {ge}。", "May not be less than {ge}."),
    "less_than_equal": Text("不得大于 {le}。", "May not be more than {le}."),
    "int": Text("须为整数。", "Has to be a whole number."),
    "bool": Text("须为 true 或 false。", "Has to be true or false."),
    "date": Text("须为日期,例如 2026-11-24。", "Has to be a date such as 2026-11-24."),
    "enum": Text("须为下列之一:{expected}。", "Has to be one of {expected}."),
    "missing": Text("请填写此项。", "Fill this in."),
    "too_long": Text("最多 {max_length} 项。", "May have {max_length} entries."),
    "extra_forbidden": Text("表中没有此项,请删除。", "The form has no such field; leave it out."),
}
UNFIT = Text("填写的内容不符合要求,请核对。", "This value cannot be used; check it.")


def problems_of(error: ValidationError, prefix: str) -> list[Problem]:
    """Every problem of a refused form, with its place in the input by the names that the API shows."""
    found = []
    for each in error.errors():
        path = ".".join((prefix, *(to_camel(str(step)) for step in each["loc"])))
        kind = each["type"]
        words = PROBLEMS.get(kind) or PROBLEMS.get(kind.partition("_")[0]) or UNFIT
        found.append(Problem(ErrorCode.INVALID_INPUT, words.format(**each.get("ctx", {})), path))
    return found
