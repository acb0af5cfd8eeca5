"""Why somebody reads what is not public: a purpose of the closed list and the number of a case, stated in two headers; and by which officer,
in a third, if the agency says so."""

from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from starlette.datastructures import Headers

from services.kernel.problems import Problem
from services.kernel.texts import Text, choose

PURPOSE_HEADER: Final = "Zhixin-Purpose"
CASE_HEADER: Final = "Zhixin-Case-Number"
OFFICER_HEADER: Final = "Zhixin-Officer"
LONGEST_CASE_NUMBER: Final = 100
LONGEST_OFFICER: Final = 64


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
    officer: str | None = None
    """Who reads, as the agency's own system knows the person (a staff number); the agency answers for it."""


_PURPOSE_WRONG: Final = Text("须为用途代码之一：{codes}，且只出现一次", "one of {codes}, sent once")
_LINE_WRONG: Final = Text(
    "须为 1 至 {limit} 个可见字符（非 ASCII 字符用百分号编码），且只出现一次",
    "1 to {limit} visible characters, others than ASCII percent-encoded, sent once",
)


def read_purpose(headers: Headers) -> StatedPurpose | None:
    """What the headers of a request state; None when none was sent.

    Raises:
        Problem: `parameter_invalid`, when purpose or case is missing, or one is repeated or not what it must be.
    """
    purposes, case_numbers, officers = (
        headers.getlist(name) for name in (PURPOSE_HEADER, CASE_HEADER, OFFICER_HEADER)
    )
    language = headers.get("accept-language")
    if not purposes and not case_numbers and not officers:
        return None
    chosen, faults = choose(language), list[dict[str, Any]]()
    purpose = purposes[0].strip() if len(purposes) == 1 else ""
    if purpose not in set(Purpose):
        message = _PURPOSE_WRONG.to(chosen, codes=", ".join(Purpose))
        faults.append({"code": "purpose_invalid", "field": f"header:{PURPOSE_HEADER}", "message": message})
    case_number = _line(case_numbers[0], LONGEST_CASE_NUMBER) if len(case_numbers) == 1 else None
    officer = _line(officers[0], LONGEST_OFFICER) if len(officers) == 1 else None
    if officers and officer is None:
        message = _LINE_WRONG.to(chosen, limit=LONGEST_OFFICER)
        faults.append({"code": "officer_invalid", "field": f"header:{OFFICER_HEADER}", "message": message})
    if case_number is None:
        message = _LINE_WRONG.to(chosen, limit=LONGEST_CASE_NUMBER)
        faults.append({"code": "case_number_invalid", "field": f"header:{CASE_HEADER}", "message": message})
    if faults or case_number is None:
        raise Problem("parameter_invalid", faults=faults)
    return StatedPurpose(Purpose(purpose), case_number, officer)


def _line(text: str, longest: int) -> str | None:
    try:
        read = unquote(text, errors="strict").strip()
    except UnicodeDecodeError:
        return None
    return read if 1 <= len(read) <= longest and read.isprintable() else None
