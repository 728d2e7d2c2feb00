"""What an operation costs, told with its answer: how many objects it might have given, of how many that are allowed.

It is known from the plan alone, so that telling it is no work.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from api.reads.compiler import MAX_OBJECTS


def extensions(objects: int) -> dict[str, Any]:
    """The response's ``extensions``."""
    return {"cost": {"objects": objects, "maximum": MAX_OBJECTS}}


@lru_cache(maxsize=4096)
def closing(objects: int) -> bytes:
    """What follows the data of a response."""
    return b',"extensions":' + orjson.dumps(extensions(objects)) + b"}"
