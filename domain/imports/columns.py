"""The columns of each kind of file, as a table: templates are made from it, and files read by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from domain.filings.entities import FilingChannel
from domain.filings.form_terms import (
    BusinessType,
    Industry,
    Interconnection,
    NetworkCoverage,
    NetworkNature,
    ServiceAudience,
    ServiceScope,
    Subordination,
    UnitType,
)
from domain.imports.entities import ImportKind
from domain.organisations.entities import AuthorityLevel
from domain.text import Term, Text


class Holds(Enum):
    """What the cells of a column hold."""

    TEXT = "text"
    DATE = "date"
    TERM = "term"
    TERMS = "terms"
    YES_NO = "yes or no"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the record's field that it fills, its heading, an example, and how it is to be filled in."""

    field: str
    zh: str
    en: str
    example: str
    holds: Holds = Holds.TEXT
    required: bool = False
    terms: type[Term] | None = None
    hint: Text | None = None

    @property
    def heading(self) -> Text:
        """The heading in both languages."""
        return Text(self.zh, self.en)


def _term(field: str, zh: str, en: str, terms: type[Term], example: Term, *, required: bool = False) -> Column:
    return Column(field, zh, en, example.zh, Holds.TERM, required, terms)


SEVERAL = Text(
    "可填多项,以顿号分隔;见“代码表”。", "Several may be given, with commas between them; see the code lists."
)
_CODE = Text("18 位,末位为校验位。", "18 characters, the last of which checks the others.")

UNITS = (
    Column(
        "credit_code", "统一社会信用代码", "Social credit code", "11110108000000001X", required=True, hint=Text(
            f"{_CODE.zh}已登记的单位按此代码更新,不会重复登记。",
            f"{_CODE.en} A unit that is registered under it is updated.",
        )
    ),
    Column("name", "单位名称", "Name", "海淀区财政局", required=True),
    _term("authority_level", "备案层级", "Files with", AuthorityLevel, AuthorityLevel.DISTRICT, required=True),
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
    _term("unit_type", "单位类型", "Type of unit", UnitType, UnitType.GOVERNMENT),
    _term("subordination", "隶属关系", "Subordination", Subordination, Subordination.COUNTY),
    _term("industry", "行业类别", "Industry", Industry, Industry.FINANCE),
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

FILINGS = (
    Column("unit_id", "单位信用代码", "Unit's code", "11110108000000001X", required=True),
    Column("system_id", "系统编号", "System's code", "京-0001-001", required=True, hint=Text(
        "系统须已登记,且有已确认的第二级以上定级。", "A registered system with a confirmed grading of level 2 or above."
    )),
    _term("channel", "收到渠道", "By which way it came", FilingChannel, FilingChannel.DOCUMENT_EXCHANGE, required=True),
    Column("received_on", "收到日期", "Received on", "2026-11-02", Holds.DATE, required=True, hint=Text(
        "纸质材料和电子数据均已收到之日。", "The day by which materials and electronic data had both come."
    )),
    Column("document_id", "电子数据文件名", "File name of the archive", "京-0001-001.rar", required=True, hint=Text(
        "请先上传该压缩包,文件名与此处一致。", "Upload the archive first, under this very name."
    )),
    Column(
        "business_types", "业务类型", "Types of business", "内部办公、公众服务", Holds.TERMS,
        terms=BusinessType, hint=SEVERAL,
    ),
    Column("business_description", "业务描述", "Description of the business", "财政预算编制与执行"),
    _term("service_scope", "服务范围", "Reach of the service", ServiceScope, ServiceScope.CITY),
    _term("service_audience", "服务对象", "Whom it serves", ServiceAudience, ServiceAudience.BOTH),
    _term("network_coverage", "网络覆盖范围", "Coverage of the network", NetworkCoverage, NetworkCoverage.MAN),
    _term("network_nature", "网络性质", "Nature of the network", NetworkNature, NetworkNature.PRIVATE),
    Column(
        "interconnections", "系统互联情况", "What it is connected with", "与本单位其他系统连接", Holds.TERMS,
        terms=Interconnection, hint=SEVERAL,
    ),
    Column("assessor_name", "等级测评单位名称", "Assessment body", ""),
    Column("expert_reviewed", "专家评审情况", "Reviewed by experts", "是", Holds.YES_NO),
    Column("department_approved", "主管部门审批定级情况", "Approved by the supervising unit", "是", Holds.YES_NO),
    Column("filled_by", "填表人", "Filled in by", "李晓明"),
    Column("filled_on", "填表日期", "Filled in on", "2026-10-20", Holds.DATE),
)  # fmt: skip

COLUMNS: Mapping[ImportKind, tuple[Column, ...]] = {
    ImportKind.UNITS: UNITS,
    ImportKind.SYSTEMS: SYSTEMS,
    ImportKind.FILINGS: FILINGS,
}
