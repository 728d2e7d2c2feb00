"""Whether a numbered paper (公文) is genuine: asked by anyone, as often as an address may."""

from __future__ import annotations

from api.execution.platform import Platform
from api.http.rates import admit


async def is_genuine(platform: Platform, address: str, number: str, code: str) -> bool:
    """Whether any city has issued a paper of this number with this code, as somebody at ``address`` typed them.

    Raises: RequestError(RATE_LIMITED) for an address that tries out codes.
    """
    admit(platform.doors.letters, address)
    written, typed = number.strip(), "".join(code.split()).upper()
    printable = "\x00" not in written + typed
    return printable and await platform.database.directory.verify_letter(written, typed)
