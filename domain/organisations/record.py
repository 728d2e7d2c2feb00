"""What is written down of an organisation (机构登记信息), and the rules that hold it together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from domain.codes import credit_code_problem
from domain.errors import ErrorCode, Problem
from domain.filings.form import Email, Phone, Short, SixDigits, Table, says
from domain.filings.form_terms import Industry, Subordination, UnitType
from domain.organisations.entities import AuthorityLevel, OrganisationKind
from domain.text import Text

K = OrganisationKind
OFFICES = (K.CITY_OFFICE, K.DISTRICT_OFFICE)


def _credit_code(code: str | None) -> str | None:
    code = code.upper() if code else None
    problem = credit_code_problem(code) if code else None
    if problem is not None:
        raise PydanticCustomError("credit_code", "credit code", {"zh": problem.zh, "en": problem.en})
    return code


CreditCode = Annotated[Short, AfterValidator(_credit_code)]


class OrganisationDetails(Table):
    """地址与联系信息,由机构自行维护 / address and contacts, which an organisation keeps itself"""

    province: Short | None = says("省(自治区、直辖市)", "province")
    city: Short | None = says("地(区、市、州、盟)", "prefecture")
    county: Short | None = says("县(区、市、旗)", "county")
    address: Short | None = says("详细地址", "address")
    postcode: SixDigits | None = says("邮政编码(6 位数字)", "postcode, 6 digits")
    unit_type: UnitType | None = says("单位类型", "type of unit")
    subordination: Subordination | None = says("隶属关系", "subordination")
    industry: Industry | None = says("行业类别", "industry")
    responsible_department: Short | None = says("责任部门", "responsible department")
    leader_name: Short | None = says("单位负责人姓名", "leader in charge")
    leader_title: Short | None = says("单位负责人职务/职称", "the leader's title")
    leader_phone: Phone | None = says("单位负责人办公电话", "the leader's telephone")
    leader_email: Email | None = says("单位负责人电子邮件", "the leader's e-mail")
    contact_name: Short | None = says("联系人姓名", "contact person")
    contact_title: Short | None = says("联系人职务/职称", "the contact's title")
    contact_phone: Phone | None = says("联系人办公电话", "the contact's telephone")
    contact_mobile: Phone | None = says("联系人移动电话", "the contact's mobile")
    contact_email: Email | None = says("联系人电子邮件", "the contact's e-mail")


class OrganisationRecord(Table):
    """登记事项,由市信息办管理 / what the city decides of an organisation"""

    kind: OrganisationKind | None = says("机构类别", "kind")
    name: Short | None = says("名称", "name")
    credit_code: CreditCode | None = says("统一社会信用代码", "unified social credit code")
    authority_level: AuthorityLevel | None = says("备案层级", "with which authority it files")
    district_id: UUID | None = says("所属区县", "district")
    supervising_unit_id: UUID | None = says("主管部门", "supervising unit")


def contradictions(record: OrganisationRecord) -> Iterator[Problem]:
    """What of a whole record does not go together (workflow.md: tenants, organisations, people)."""
    is_unit = record.kind is K.UNIT
    if record.kind not in OFFICES and record.credit_code is None:
        yield _problem("creditCode", "请填写统一社会信用代码。", "Give its unified social credit code.")
    if is_unit and record.authority_level is None:
        yield _problem(
            "authorityLevel",
            "请选择备案层级:市级或区县级。",
            "Say whether the unit files with CITY or DISTRICT.",
        )
    if not is_unit and record.authority_level is not None:
        yield _problem("authorityLevel", "只有运营使用单位有备案层级,请留空。", "Only units file; leave this out.")
    if not is_unit and record.supervising_unit_id is not None:
        yield _problem("supervisingUnitId", "只有运营使用单位有主管部门,请留空。", "Only units are supervised.")
    local = record.kind is K.DISTRICT_OFFICE or record.authority_level is AuthorityLevel.DISTRICT
    if local and record.district_id is None:
        yield _problem("districtId", "区县级单位和区县信息办须有所属区县。", "District level needs its district.")


def _problem(field: str, zh: str, en: str) -> Problem:
    return Problem(ErrorCode.INVALID_INPUT, Text(zh, en), field)
