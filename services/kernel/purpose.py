"""Why somebody reads what is not public: a purpose of the closed list and the number of a case, stated in two headers."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from services.kernel.problems import Problem
from services.kernel.texts import Text, choose

PURPOSE_HEADER: Final = "Zhixin-Purpose"
CASE_HEADER: Final = "Zhixin-Case-Number"
LONGEST_CASE_NUMBER: Final = 100


class Purpose(StrEnum):
    """What restricted information is read for (用途)."""

    DAILY_SUPERVISION = "daily_supervision"
    CASE_HANDLING = "case_handling"
    LICENSING = "licensing"
    PUBLIC_PROCUREMENT = "public_procurement"
    JOINT_ACTION = "joint_action"
    REMEDY = "remedy"
    AUDIT = "audit"


class StatedPurpose(NamedTuple):
    """What a caller states before it reads restricted fields."""

    purpose: Purpose
    case_number: str


_PURPOSE_WRONG: Final = Text("须为用途代码之一：{codes}，且只出现一次", "one of {codes}, sent once")
_CASE_WRONG: Final = Text(
    "须为 1 至 {limit} 个可见字符（非 ASCII 字符用百分号编码），且只出现一次",
    "1 to {limit} visible characters, others than ASCII percent-encoded, sent once",
)


def read_purpose(
    purposes: Sequence[str], case_numbers: Sequence[str], language: str | None
) -> StatedPurpose | None:
    """What the two headers of a request state; None when neither was sent.

    Raises:
        Problem: `parameter_invalid`, when one is missing, repeated or not what it must be.
    """
    if not purposes and not case_numbers:
        return None
    chosen, faults = choose(language), list[dict[str, Any]]()
    purpose = purposes[0].strip() if len(purposes) == 1 else ""
    if purpose not in set(Purpose):
        message = _PURPOSE_WRONG.to(chosen, codes=", ".join(Purpose))
        faults.append({"code": "purpose_invalid", "field": f"header:{PURPOSE_HEADER}", "message": message})
    case_number = _case_number(case_numbers[0]) if len(case_numbers) == 1 else None
    if case_number is None:
        message = _CASE_WRONG.to(chosen, limit=LONGEST_CASE_NUMBER)
        faults.append({"code": "case_number_invalid", "field": f"header:{CASE_HEADER}", "message": message})
    if faults or case_number is None:
        raise Problem("parameter_invalid", faults=faults)
    return StatedPurpose(Purpose(purpose), case_number)


def _case_number(text: str) -> str | None:
    try:
        read = unquote(text, errors="strict").strip()
    except UnicodeDecodeError:
        return None
    return read if 1 <= len(read) <= LONGEST_CASE_NUMBER and read.isprintable() else None
