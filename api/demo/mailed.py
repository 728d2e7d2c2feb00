"""What the demo's offices got by e-mail: a package that waits for them, and one that was refused."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from api.demo.filings import StoredFile
from api.demo.rows import CityRows
from domain.documents.examination import CORRUPT


def mailed(rows: CityRows, file: StoredFile, offices: dict[str, UUID]) -> None:
    """Two packages for each of ``offices`` (user name: organisation)."""
    for number, (username, office) in enumerate(offices.items()):
        moment = rows.ago(3 + number)
        document = rows.add(
            "documents",
            moment,
            owner_id=office,
            uploaded_by_id=rows.users[username],
            kind="FILING_ARCHIVE",
            filename=file.filename,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            object_key=file.object_key,
            state="STORED",
            scan="SKIPPED",
            stored_at=moment,
        )
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
