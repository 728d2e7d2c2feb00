"""What the demo's offices got by e-mail: a package that waits for them, and one that was refused."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from api.demo.rows import CityRows, StoredFile
from domain.documents.examination import CORRUPT


def mailed(rows: CityRows, file: StoredFile, offices: dict[str, UUID]) -> None:
    """Two packages for each of ``offices`` (user name: organisation)."""
    for number, (username, office) in enumerate(offices.items()):
        moment = rows.ago(3 + number)
        document = rows.document(file, moment, "FILING_ARCHIVE", office, rows.users[username])
        _package(rows, office, moment, 1, filename=file.filename, state="WAITING", document_id=document)
        refused = {"state": "REFUSED", "reason_zh": CORRUPT.zh, "reason_en": CORRUPT.en}
        _package(rows, office, moment, 2, filename="备案材料(损坏).rar", **refused)


def _package(rows: CityRows, office: UUID, moment: dt.datetime, number: int, **values: str | UUID) -> None:
    rows.add(
        "mailed_packages",
        moment,
        organisation_id=office,
        message_id=f"<demo-{number}@example.gov.cn>",
        place=1,
        sender="filing@example.gov.cn",
        subject="报送信息系统备案材料",
        arrived_at=moment,
        **values,
    )
