"""Valid answers to every question of the form: what the demonstration enters and the tests start from."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from domain.documents.kinds import DocumentKind
from domain.filings.form import FilingForm, FilingFormEntry, GradingEntry, GradingTable, merge
from domain.filings.missing import missing_items

# By the paths that missing items name; values as a client sends them.
SAMPLES: Mapping[str, Any] = {
    "unit.unitName": "示例市政务数据服务中心",
    "unit.province": "北京市",
    "unit.city": "北京市",
    "unit.county": "海淀区",
    "unit.address": "示例路 1 号",
    "unit.postcode": "100031",
    "unit.divisionCode": "110108",
    "unit.leader.name": "王建国",
    "unit.leader.title": "副主任",
    "unit.leader.phone": "010-55550101",
    "unit.leader.email": "leader@example.gov.cn",
    "unit.responsibleDepartment": "信息安全处",
    "unit.contact.name": "李敏",
    "unit.contact.title": "工程师",
    "unit.contact.phone": "010-55550102",
    "unit.contact.mobile": "13800000000",
    "unit.contact.email": "contact@example.gov.cn",
    "unit.subordination": "PREFECTURE",
    "unit.subordinationOther": "派出机构",
    "unit.unitType": "GOVERNMENT",
    "unit.unitTypeOther": "社会团体",
    "unit.industry": "DEVELOPMENT_REFORM",
    "unit.industryOther": "电子政务",
    "unit.systemTotal": 6,
    "unit.level2Count": 2,
    "unit.level3Count": 1,
    "unit.level4Count": 1,
    "unit.level5Count": 1,
    "system.systemName": "网上审批系统",
    "system.systemNumber": "SP-01",
    "system.businessTypes": ["INTERNAL_OFFICE", "PUBLIC_SERVICE"],
    "system.businessOther": "数据交换",
    "system.businessDescription": "受理并办理企业和市民提出的行政许可申请。",
    "system.serviceScope": "CITY",
    "system.serviceScopeCount": 3,
    "system.serviceScopeOther": "全市及对口支援地区",
    "system.serviceAudience": "BOTH",
    "system.serviceAudienceOther": "受托服务单位",
    "system.networkCoverage": "MAN",
    "system.networkCoverageOther": "专线",
    "system.networkNature": "PRIVATE",
    "system.networkNatureOther": "政务外网",
    "system.interconnections": ["SAME_UNIT"],
    "system.interconnectionOther": "与市级共享交换平台连接",
    "system.keyProducts": [
        {"kind": "SECURITY", "count": 4, "domesticUse": "ALL"},
        {"kind": "SERVER", "count": 10, "domesticUse": "PARTIAL", "domesticPercent": 60},
    ],
    "system.services": [
        {"kind": "RISK_ASSESSMENT", "used": True, "provider": "DOMESTIC"},
        {"kind": "TRAINING", "used": False},
    ],
    "system.assessorName": "示例信息安全测评中心",
    "system.inServiceOn": "2006-07-01",
    "system.isSubsystem": False,
    "system.parentSystem": "政务服务平台",
    "system.parentUnit": "示例市政务服务管理局",
    "grading.expertReviewed": True,
    "grading.hasCompetentDepartment": False,
    "grading.competentDepartment": "示例市政务服务管理局",
    "grading.departmentApproved": True,
    "grading.filledBy": "张华",
    "grading.filledOn": "2007-11-20",
}

_DERIVED = set(GradingTable.model_fields) - set(GradingEntry.model_fields)


def valid_value(path: str) -> Any:
    """A valid answer to the question at ``path``, as a client sends it. Raises: KeyError where there is no question."""
    return copy.deepcopy(SAMPLES[path])


def put(entry: dict[str, Any], path: str, value: Any) -> None:
    """Put ``value`` at ``path`` into what is going to be entered; parts that are not there yet are made."""
    *parts, last = path.split(".")
    for part in parts:
        if entry.get(part) is None:
            entry[part] = {}
        entry = entry[part]
    entry[last] = value


def entered(form: FilingForm) -> dict[str, Any]:
    """What a client would have to enter to leave ``form`` as it is."""
    return form.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude={"attachments": True, "grading": _DERIVED}
    )


def with_value(form: FilingForm, path: str, value: Any) -> FilingForm:
    """``form`` after a client entered ``value`` at ``path`` and left the rest as it was.

    Raises: pydantic.ValidationError when the form cannot hold the value.
    """
    entry = entered(form)
    put(entry, path, value)
    return merge(form, FilingFormEntry.model_validate(entry))


def completed(form: FilingForm, level: int) -> FilingForm:
    """``form`` with a valid answer to all that a filing of ``level`` still lacks, documents aside."""
    documents = frozenset(DocumentKind)
    while missing := [item.path for item in missing_items(form, level, documents) if item.required]:
        form = with_value(form, missing[0], valid_value(missing[0]))
    return form
