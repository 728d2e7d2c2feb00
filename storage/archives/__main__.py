"""``python -m storage.archives PATH NAME [SCANNER]``: looks into one file in a process of its own.

Whatever a hostile file makes of the reading, the platform's own memory and time are not what it uses. The outcome is
one JSON document on standard output.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from domain.documents.examination import Unexamined
from storage.archives.looking import look_into
from storage.archives.outcome import encoded
from storage.scanner import Scanner

MEMORY, CPU_SECONDS = 2 << 30, 1800
UNEXAMINED = 3


def main() -> int:
    """Look, and say what was found."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    path, name, *scanner = sys.argv[1:]
    try:
        found = look_into(Path(path), name, Scanner(scanner[0]) if scanner else None)
    except Unexamined:
        return UNEXAMINED
    sys.stdout.buffer.write(encoded(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
