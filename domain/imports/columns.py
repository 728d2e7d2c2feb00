"""The columns of each kind of file, as a table: templates are made from it, and files read by it."""

from __future__ import annotations

from collections.abc import Mapping

from domain.filings.form_terms import Industry, Subordination, UnitType
from domain.imports.column import Column, Holds, one_of
from domain.imports.entities import ImportKind
from domain.imports.filing_columns import FILINGS
from domain.organisations.entities import AuthorityLevel
from domain.text import Text

_CODE = Text("18 位,末位为校验位。", "18 characters, the last of which checks the others.")

UNITS = (
    Column(
        "credit_code", "统一社会信用代码", "Social credit code", "11110108000000001X", required=True, hint=Text(
            f"{_CODE.zh}已登记的单位按此代码更新,不会重复登记。",
            f"{_CODE.en} A unit that is registered under it is updated.",
        )
    ),
    Column("name", "单位名称", "Name", "海淀区财政局", required=True),
    one_of("authority_level", "备案层级", "Files with", AuthorityLevel, AuthorityLevel.DISTRICT, required=True),
    Column(
        "district_id", "所属区县", "District", "海淀区", Holds.DISTRICT, hint=Text(
            "区县级单位必填;名称或行政区划代码均可。", "Required of district-level units: name or division code."
        )
    ),
    Column(
        "supervising_unit_id", "主管部门信用代码", "Supervising unit's code", "", hint=Text(
            "主管部门须已登记,或列在本表前面的行中。", "It is registered already, or stands further up in this sheet."
        )
    ),
    Column("province", "省(自治区、直辖市)", "Province", "北京市"),
    Column("city", "地(区、市、州、盟)", "Prefecture", "北京市"),
    Column("county", "县(区、市、旗)", "County", "海淀区"),
    Column("address", "详细地址", "Address", "四季青路 6 号"),
    Column("postcode", "邮政编码", "Postcode", "100195"),
    one_of("unit_type", "单位类型", "Type of unit", UnitType, UnitType.GOVERNMENT),
    one_of("subordination", "隶属关系", "Subordination", Subordination, Subordination.COUNTY),
    one_of("industry", "行业类别", "Industry", Industry, Industry.FINANCE),
    Column("responsible_department", "责任部门", "Responsible department", "信息中心"),
    Column("leader_name", "单位负责人", "Leader in charge", "王建国"),
    Column("leader_title", "负责人职务/职称", "Leader's title", "副局长"),
    Column("leader_phone", "负责人办公电话", "Leader's telephone", "010-60000000"),
    Column("leader_email", "负责人电子邮件", "Leader's e-mail", "leader@example.gov.cn"),
    Column("contact_name", "联系人", "Contact", "李晓明"),
    Column("contact_title", "联系人职务/职称", "Contact's title", "工程师"),
    Column("contact_phone", "联系人办公电话", "Contact's telephone", "010-80000000"),
    Column("contact_mobile", "联系人移动电话", "Contact's mobile", "13900000000"),
    Column("contact_email", "联系人电子邮件", "Contact's e-mail", "contact@example.gov.cn"),
)  # fmt: skip

SYSTEMS = (
    Column(
        "unit_id", "单位信用代码", "Unit's code", "11110108000000001X", hint=Text(
            "运营使用单位自行导入时可不填。", "May be left out when the unit itself imports."
        )
    ),
    Column(
        "code", "系统编号", "System's code", "京-0001-001", required=True, hint=Text(
            "单位自编;本单位已有此编号的系统按此更新,不会重复登记。",
            "The unit's own number; a system of the unit that has it is updated.",
        )
    ),
    Column("name", "系统名称", "Name", "财政预算管理系统", required=True),
    Column("in_service_on", "投入运行日期", "In service since", "2020-05-01", Holds.DATE),
    Column(
        "parent_system_id", "上级系统编号", "Code of the system it is part of", "", hint=Text(
            "同一单位的系统,须已登记,或列在本表前面的行中。",
            "A system of the same unit that is registered, or stands further up in this sheet.",
        )
    ),
)  # fmt: skip

COLUMNS: Mapping[ImportKind, tuple[Column, ...]] = {
    ImportKind.UNITS: UNITS,
    ImportKind.SYSTEMS: SYSTEMS,
    ImportKind.FILINGS: FILINGS,
}
