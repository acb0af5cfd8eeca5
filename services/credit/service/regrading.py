"""Many firms graded by one statement of the database: the same grades and cards, in every byte, as one by one."""

from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from services.credit.domain.grade import UNRATED, Grade
from services.credit.domain.rules import RuleBook
from services.credit.service.cards import Holder, document, is_outside
from services.credit.service.workspace import PRECOMPUTED
from services.credit.store.grading import COMPUTED, Grading, Members
from services.kernel import regions

_encode: Final = msgspec.json.Encoder().encode


def grading_by(book: RuleBook, on: date, province: str) -> Grading:
    """Grading by a book as of a day in a province, for the store's statement."""
    return Grading(book, on, _outside(province))


def members_of_card(book: RuleBook, province: str) -> Members:
    """The form of a card's text: the document of any firm, and which of its members differ from firm to firm."""
    some = document(Holder("", "", 0), Grade(UNRATED, None, (), (), (), False, None), book, province)
    shown = [(name, None if name in COMPUTED else _encode(value)) for name, value in some.items()]
    return Members(shown, PRECOMPUTED)


@lru_cache(maxsize=4)
def _outside(province: str) -> tuple[str, ...]:
    """The regions whose registering authorities' firms are not graded here."""
    return tuple(
        code for code in sorted(regions.codes_within(regions.NATION)) if is_outside(f"91{code}", province)
    )
