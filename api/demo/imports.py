"""Imports that the demo's people have made: one that went in, and one whose rows have to be corrected."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from api.demo.rows import CityRows, StoredFile
from domain.codes import credit_code_problem
from domain.text import Text

_WRONG_CODE = credit_code_problem("911101080000000000") or Text("", "")
# Row, column, heading in both languages, message in both languages.
PROBLEMS = (
    (
        3,
        "A",
        ("统一社会信用代码", "Social credit code"),
        (_WRONG_CODE.zh, _WRONG_CODE.en),
    ),
    (4, "D", ("所属区县", "District"), ("只能登记本区县的单位。", "This is another district's unit.")),
    (4, None, (None, None), ("与第 3 行重复,请只保留一行。", "Row 3 has it too; keep one.")),
)


def imports(rows: CityRows, file: StoredFile, homes: dict[str, UUID]) -> None:
    """A dry run with problems by each account of ``homes`` (user name: organisation), and one that is done."""
    for number, (username, home) in enumerate(homes.items()):
        moment = rows.ago(20 - number)
        document = rows.document(file, moment, "OTHER", home, rows.users[username])
        kind = "SYSTEMS" if username.startswith("unit") else "UNITS"
        for dry_run in (True, False):
            done = {"created": 8, "updated": 1, "unchanged": 3} if not dry_run else {"problem_count": len(PROBLEMS)}
            run = _run(rows, username, home, document, moment, kind=kind, dry_run=dry_run, rows_total=12, **done)
            for row, column, heading, message in PROBLEMS if dry_run else ():
                rows.add(
                    "import_problems",
                    moment,
                    run_id=run,
                    row_number=row,
                    column_letter=column,
                    heading_zh=heading[0],
                    heading_en=heading[1],
                    message_zh=message[0],
                    message_en=message[1],
                )


def _run(rows: CityRows, username: str, home: UUID, document: UUID, moment: dt.datetime, **values: Any) -> UUID:
    person = rows.users[username]
    membership = next(row for row in rows.rows["memberships"] if row["user_id"] == person)
    return rows.add(
        "import_runs",
        moment,
        organisation_id=home,
        started_by_id=person,
        membership_id=membership["id"],
        role=membership["role"],
        document_id=document,
        mode="ALL_OR_NOTHING",
        state="DONE",
        rows_done=values["rows_total"],
        begun_at=moment,
        ended_at=moment + dt.timedelta(minutes=1),
        version=4,
        **values,
    )
