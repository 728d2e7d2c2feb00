"""The columns of a file of filings: what enters system and grading, then the printed form, item by item.

Key products and services are rows of the form; here each kind has its columns, as the form prints each kind once.
"""

from __future__ import annotations

from domain.filings.entities import OFFLINE, FilingChannel
from domain.filings.form_terms import (
    BusinessType,
    DomesticUse,
    Interconnection,
    NetworkCoverage,
    NetworkNature,
    ProductKind,
    ServiceAudience,
    ServiceKind,
    ServiceProvider,
    ServiceScope,
)
from domain.grading.levels import HarmChoice
from domain.imports.column import SEVERAL, Column, Holds, one_of
from domain.text import Text

_AS_FILED = Text(
    "系统尚未由单位在平台上定级时填写,照备案表表三勾选;可填多项,以顿号分隔。",
    "Where the unit has not graded the system on the platform: as ticked in table 3; several with commas between them.",
)


def _harms(field: str, zh: str, en: str) -> Column:
    return Column(field, zh, en, HarmChoice.ORDER_SERIOUS.zh, Holds.TERMS, terms=HarmChoice, hint=_AS_FILED)


_GRADED = (
    _harms("business_information", "业务信息受破坏时的损害", "Harm when the information is destroyed"),
    _harms("system_service", "系统服务受破坏时的损害", "Harm when the service is destroyed"),
    Column("graded_on", "定级时间", "Graded on", "2026-10-08", Holds.DATE, hint=Text(
        "不填即为收到日期。", "The day of arrival where it is left out."
    )),
)  # fmt: skip


def _product(kind: ProductKind) -> tuple[Column, ...]:
    field, zh, en = f"key_products.{kind}", f"关键产品-{kind.zh}", f"Key products, {kind.en}"
    return (
        Column(f"{field}.count", f"{zh}-数量", f"{en}: how many", "2", Holds.NUMBER),
        one_of(f"{field}.domestic_use", f"{zh}-使用国产品率", f"{en}: domestic", DomesticUse, DomesticUse.ALL),
        Column(f"{field}.domestic_percent", f"{zh}-部分使用率(%)", f"{en}: percent, if some", "", Holds.NUMBER),
    )


def _service(kind: ServiceKind) -> tuple[Column, ...]:
    field, zh, en = f"services.{kind}", f"采用服务-{kind.zh}", f"Services, {kind.en}"
    return (
        Column(f"{field}.used", f"{zh}-有无", f"{en}: used", "无", Holds.YES_NO),
        one_of(
            f"{field}.provider", f"{zh}-责任方类型", f"{en}: by whom", ServiceProvider, ServiceProvider.SAME_INDUSTRY
        ),
    )


_PRODUCTS = (
    *(column for kind in ProductKind for column in _product(kind)),
    Column("key_products.OTHER.other", "关键产品-其他-名称", "Key products, other: which", ""),
)
_SERVICES = (
    *(column for kind in ServiceKind for column in _service(kind)),
    Column("services.OTHER.other", "采用服务-其他-名称", "Services, other: which", ""),
)

FILINGS = (
    Column("unit_id", "单位信用代码", "Unit's code", "11110108000000001X", required=True),
    Column("system_id", "系统编号", "System's code", "京-0001-001", required=True, hint=Text(
        "单位自编;尚未登记的系统另填系统名称和定级。",
        "The unit's own number; of a system that is not registered yet, give name and grading as well.",
    )),
    Column("system_name", "系统名称", "System's name", "财政预算管理系统", hint=Text(
        "系统尚未登记时必填,随备案登记;已登记的不改动。", "Required of a system that is not registered yet."
    )),
    Column("in_service_on", "投入运行日期", "In service since", "2020-05-01", Holds.DATE),
    one_of("channel", "收到渠道", "By which way", FilingChannel, FilingChannel.DOCUMENT_EXCHANGE,
           required=True, offered=OFFLINE),
    Column("received_on", "收到日期", "Received on", "2026-11-02", Holds.DATE, required=True, hint=Text(
        "纸质材料和电子数据均已收到之日。", "The day by which materials and electronic data had both come."
    )),
    Column("document_id", "电子数据文件名", "File name of the archive", "京-0001-001.rar", required=True, hint=Text(
        "请先上传该压缩包,文件名与此处一致。", "Upload the archive first, under this very name."
    )),
    *_GRADED,
    Column(
        "business_types", "业务类型", "Types of business", "内部办公、公众服务", Holds.TERMS,
        terms=BusinessType, hint=SEVERAL,
    ),
    Column("business_other", "其他业务类型", "Another type of business", ""),
    Column("business_description", "业务描述", "Description of the business", "财政预算编制与执行"),
    one_of("service_scope", "服务范围", "Reach of the service", ServiceScope, ServiceScope.CITY),
    Column("service_scope_count", "跨省或跨地个数", "How many provinces or cities", "", Holds.NUMBER),
    Column("service_scope_other", "其它服务范围", "Another reach", ""),
    one_of("service_audience", "服务对象", "Whom it serves", ServiceAudience, ServiceAudience.BOTH),
    Column("service_audience_other", "其他服务对象", "Whom else it serves", ""),
    one_of("network_coverage", "网络覆盖范围", "Coverage of the network", NetworkCoverage, NetworkCoverage.MAN),
    Column("network_coverage_other", "其他覆盖范围", "Another coverage", ""),
    one_of("network_nature", "网络性质", "Nature of the network", NetworkNature, NetworkNature.PRIVATE),
    Column("network_nature_other", "其它网络性质", "Another nature", ""),
    Column(
        "interconnections", "系统互联情况", "What it is connected with", "与本单位其他系统连接", Holds.TERMS,
        terms=Interconnection, hint=SEVERAL,
    ),
    Column("interconnection_other", "其它互联情况", "What else it is connected with", ""),
    *_PRODUCTS,
    *_SERVICES,
    Column("assessor_name", "等级测评单位名称", "Assessment body", ""),
    Column("expert_reviewed", "专家评审情况", "Reviewed by experts", "是", Holds.YES_NO),
    Column("has_competent_department", "是否有主管部门", "Has a competent department", "是", Holds.YES_NO),
    Column("competent_department", "主管部门名称", "Competent department", ""),
    Column("department_approved", "主管部门审批定级情况", "Approved by the supervising unit", "是", Holds.YES_NO),
    Column("filled_by", "填表人", "Filled in by", "李晓明"),
    Column("filled_on", "填表日期", "Filled in on", "2026-10-20", Holds.DATE),
)  # fmt: skip
