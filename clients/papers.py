"""What a unit hands in: answers to the form's questions, an archive, a page of PDF. Small, and real."""

from __future__ import annotations

import io
import zipfile
from typing import Any

ANSWERS: dict[str, Any] = {
    "unit.unitName": "演示单位",
    "unit.province": "北京市",
    "unit.city": "北京市",
    "unit.county": "海淀区",
    "unit.address": "演示路 1 号",
    "unit.postcode": "100080",
    "unit.divisionCode": "110108",
    "unit.leader.name": "王建国",
    "unit.leader.phone": "010-62510001",
    "unit.responsibleDepartment": "信息中心",
    "unit.contact.name": "李晓明",
    "unit.contact.phone": "010-62510002",
    "unit.subordination": "COUNTY",
    "unit.unitType": "GOVERNMENT",
    "unit.industry": "FINANCE",
    "unit.systemTotal": 10,
    "unit.level2Count": 5,
    "unit.level3Count": 2,
    "unit.level4Count": 0,
    "unit.level5Count": 0,
    "system.systemName": "演示系统",
    "system.systemNumber": "DEMO-1",
    "system.businessTypes": ["PUBLIC_SERVICE"],
    "system.businessDescription": "面向公众的网上办事与查询。",
    "system.serviceScope": "CITY",
    "system.serviceAudience": "BOTH",
    "system.networkCoverage": "MAN",
    "system.networkNature": "PRIVATE",
    "system.interconnections": ["SAME_UNIT"],
    "system.keyProducts": [{"kind": "SERVER", "count": 4, "domesticUse": "ALL"}],
    "system.services": [{"kind": "LEVEL_ASSESSMENT", "used": True, "provider": "DOMESTIC"}],
    "system.inServiceOn": "2026-03-01",
    "system.assessorName": "演示测评中心",
    "system.isSubsystem": False,
    "grading.expertReviewed": False,
    "grading.hasCompetentDepartment": False,
    "grading.filledBy": "李晓明",
    "grading.filledOn": "2026-11-01",
}


def archive(name: str) -> bytes:
    """The filing's electronic data: a zip with the form as XML."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        # A fixed time: the same form is the same archive, digest included, whenever it is made.
        member = zipfile.ZipInfo("备案表.xml", (2026, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        file.writestr(member, f'<?xml version="1.0" encoding="UTF-8"?>\n<filing><system>{name}</system></filing>\n')
    return buffer.getvalue()


def paper(title: str) -> bytes:
    """A PDF of one page with ``title`` as its document title."""
    text = title.encode("utf-16-be").hex()
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        f"<</Title<FEFF{text}>>>",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj{content}endobj\n"
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    body += "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    body += f"trailer<</Size {len(objects) + 1}/Root 1 0 R/Info 4 0 R>>\nstartxref\n{start}\n%%EOF\n"
    return body.encode("ascii")
