"""The kinds of record (信息类别): one declarative entry a kind, read by validation, catalogue, templates and client.

To add a kind: write one module beside this one, named by its code, with its `Kind`. Nothing else changes: it is found
here, validated by credit, listed in the catalogue, mapped by the client. A rule about it is data of a rule book.
"""

import importlib
import pkgutil
from typing import Final

from services.kernel.kinds.kind import Kind


def _declared() -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        found |= {kind.code: kind for kind in vars(module).values() if isinstance(kind, Kind)}
    return found


KINDS: Final[dict[str, Kind]] = _declared()
"""Every kind by its code."""
