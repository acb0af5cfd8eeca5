"""How much of a file is read: beyond it, a file is refused rather than served."""

from typing import Final

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one workbook, before and after it is unpacked."""

    unpacked_bytes: int = 512 * 1024 * 1024
    parts: int = 2_000
    columns: int = 500
    cells: int = 12_000_000
    """Of one sheet, empty ones between its first and its last counted too."""


DEFAULT: Final = Limits()
