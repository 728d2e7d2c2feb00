"""Sending a filing package: as an office that enters what came to it, or as the unit into a draft of its own.

Every step bears a key that follows from the package's digest: broken off and begun again, it goes on where it was, and
nothing is sent or entered twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clients.graphql import Heard, Person, Refused

FILING = "id state number version missingItems { path message required }"
ENTER = f"""mutation Enter($input: EnterFilingInput!) {{ enterFiling(input: $input) {{
  filing {{ {FILING} }} userErrors {{ code field message }} }} }}"""
ROLE = "query Role { viewer { membership { role } } }"
SYSTEMS = """query Systems($text: String!) { systems(filter: { text: $text }, first: 100) { nodes { id code
  filings(first: 20) { nodes { id state documents { kind sha256 } } } } } }"""
CREATE = f"""mutation Create($input: CreateFilingInput!) {{ createFiling(input: $input) {{
  filing {{ {FILING} }} userErrors {{ code field message }} }} }}"""
CURRENT = f"query Current($id: ID!) {{ node(id: $id) {{ ... on Filing {{ {FILING} documents {{ kind sha256 }} }} }} }}"
SAVE = f"""mutation Save($input: SaveFilingInput!) {{ saveFiling(input: $input) {{
  filing {{ {FILING} }} userErrors {{ code field message }} }} }}"""
ATTACH = f"""mutation Attach($input: AttachDocumentInput!) {{ attachDocument(input: $input) {{
  filing {{ {FILING} }} userErrors {{ code field message }} }} }}"""
EDITABLE = {"DRAFT", "INCOMPLETE", "LEVEL_ADJUSTMENT"}


@dataclass(frozen=True, slots=True)
class Sending:
    """A package to send: its file, the form in it, and its attachments (kind, file name, content)."""

    filename: str
    content: bytes
    form: Mapping[str, Any]
    attachments: Sequence[tuple[str, str, bytes]]

    @property
    def sha256(self) -> str:
        """The package's digest, in hex."""
        return hashlib.sha256(self.content).hexdigest()


async def role_of(person: Person) -> str:
    """The role that the person acts in."""
    viewer = (await person.ask(ROLE))["viewer"]
    role: str = (viewer["membership"] or {}).get("role", "")
    return role


async def send_as_office(
    person: Person, sending: Sending, channel: str, received_on: str, heard: Heard | None = None
) -> dict[str, Any]:
    """Upload the package and enter it: the filing, with what it lacks. Raises: Refused."""
    key = f"package:{sending.sha256}"
    document = await person.upload(sending.filename, sending.content, "FILING_ARCHIVE", key=key, heard=heard)
    given = {"packageId": document["id"], "channel": channel, "receivedOn": received_on}
    entered: dict[str, Any] = (await person.do(ENTER, **given, idempotencyKey=key))["filing"]
    return entered


async def send_as_unit(person: Person, sending: Sending, heard: Heard | None = None) -> dict[str, Any]:
    """Put form and files into the system's draft: the filing, with what it lacks, for its approver. Raises: Refused."""
    filing, documents = await _draft(person, sending)
    there = {(each["kind"], each["sha256"]) for each in documents}
    files = [("FILING_ARCHIVE", sending.filename, sending.content), *sending.attachments]
    for kind, filename, content in files:
        digest = hashlib.sha256(content).hexdigest()
        if (kind, digest) in there:
            continue
        key = f"package:{sending.sha256}:{kind}:{digest}"
        document = await person.upload(filename, content, kind, key=key, heard=heard)
        await person.do(ATTACH, filingId=filing["id"], documentId=document["id"], kind=kind)
    current = (await person.ask(CURRENT, id=filing["id"]))["node"]
    given = {"filingId": filing["id"], "version": current["version"], "form": sending.form}
    saved: dict[str, Any] = (await person.do(SAVE, **given))["filing"]
    return saved


async def _draft(person: Person, sending: Sending) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The filing that the unit can change, begun where there is none, and its documents. Raises: Refused."""
    number = (sending.form.get("system") or {}).get("systemNumber") or ""
    found = (await person.ask(SYSTEMS, text=number))["systems"]["nodes"] if number else []
    system = next((each for each in found if each["code"] == number), None)
    if system is None:
        raise Refused([{"message": f"没有编号为“{number}”的系统,请先登记 / enter the system {number} first"}])
    filings = system["filings"]["nodes"]
    archive = ("FILING_ARCHIVE", sending.sha256)
    for filing in filings:
        sent = archive in {(each["kind"], each["sha256"]) for each in filing["documents"]}
        if filing["state"] not in EDITABLE and sent:
            raise Refused([{"message": f"此材料包已用于备案({filing['state']})/ this package was filed already"}])
    draft = next((each for each in filings if each["state"] in EDITABLE), None)
    if draft is not None:
        return draft, draft["documents"]
    return (await person.do(CREATE, systemId=system["id"]))["filing"], []
