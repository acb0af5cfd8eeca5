"""Data queries (疑义校核): an agency that uses a record doubts it and asks the provider, who checks and answers.

国发〔2016〕51号: who uses shared information and finds it doubtful or wrong reports that to the provider, who checks it in
time. Where two statements of one act differ, the platform asks by itself, and settles the query when they differ no more.
A query marks nothing: it is no claim of the firm. Whoever operates the platform never edits a provider's data.
"""

from enum import StrEnum
from typing import Final

from services.credit.domain.remedy import Course, Move, Refused, Term


class DataQueryState(StrEnum):
    """How far a data query is (疑义校核状态)."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    FOUND_WRONG = "found_wrong"
    CORRECTED = "corrected"
    RETRACTED = "retracted"
    SETTLED = "settled"


PLATFORM: Final = "platform"
"""The filer of a query that nobody asked by hand: two statements of one act differ, and the platform asks."""

_S = DataQueryState
_ASKED: Final = frozenset({_S.ASKED})
_WRONG: Final = frozenset({_S.FOUND_WRONG})

DATA_QUERY: Final = Course(
    type="data_query",
    first=_S.ASKED,
    moves=(
        Move("extend", "handler", _ASKED, _S.ASKED, "extended", Term("query_extended", starts_anew=False), in_time=True),
        Move("confirm", "handler", _ASKED, _S.CONFIRMED, "confirmed"),
        Move("find_wrong", "handler", _ASKED, _S.FOUND_WRONG, "found_wrong", Term("query_correction")),
        Move("correct", "handler", _WRONG, _S.CORRECTED, "corrected", needs_change=True),
        Move("retract", "filer", _ASKED, _S.RETRACTED, "retracted"),
        Move("settle", "platform", _ASKED | _WRONG, _S.SETTLED, "settled"),
    ),
    open=_ASKED | _WRONG,
    closed=frozenset({_S.CONFIRMED, _S.CORRECTED, _S.RETRACTED, _S.SETTLED}),
)  # fmt: skip

FIRST_TERM: Final = Term("query_answer")


def refusal(*, is_own_record: bool) -> Refused | None:
    """Why a record cannot be asked about: the caller is its provider and can correct it."""
    return Refused("record_is_your_own") if is_own_record else None
