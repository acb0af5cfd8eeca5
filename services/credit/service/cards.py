"""Cards: a grade rendered once as the bytes that lookups send, for a segment of days and the segment after it."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from services.credit.domain.facts import Fact
from services.credit.domain.grade import UNRATED, Grade, format_points, grade
from services.credit.domain.rules import RuleBook
from services.kernel import regions, uscc

USE: Final = "reference_only"
_encode: Final = msgspec.json.Encoder().encode


class CardState(NamedTuple):
    """The two segments of a card, as the table keeps them."""

    letter: str
    score: int | None
    valid_from: date
    next_change_on: date | None
    next_until: date | None
    body: bytes
    next_body: bytes | None


class Holder(NamedTuple):
    """The enterprise a card is about."""

    uscc: str
    name: str
    version: int
    successors: tuple[str, ...] = ()


def grade_on(code: str, facts: Sequence[Fact], book: RuleBook, on: date, *, province: str) -> Grade:
    """The grade of an enterprise; one registered outside the province is unrated here, whatever its records say."""
    if is_outside(code, province):
        return Grade(UNRATED, None, (), (), (), False, None)
    return grade(facts, book, on)


def is_outside(code: str, province: str) -> bool:
    """Whether a code's registering authority lies in another province; a national one (100000) counts as inside."""
    return _lies_outside(uscc.region_of(code), province)


@lru_cache(maxsize=4_096)
def _lies_outside(region: str, province: str) -> bool:
    own = regions.province_of(region)
    return own is not None and own not in (province, "100000")


def make_card(
    holder: Holder, now: Grade, following: Grade | None, on: date, book: RuleBook, province: str
) -> CardState:
    """The card of an enterprise whose grade is `now` from a day on and `following` from its next change on."""
    return CardState(
        letter=now.letter,
        score=now.score,
        valid_from=on,
        next_change_on=now.next_change_on,
        next_until=following.next_change_on if following else None,
        body=render(holder, now, book, province),
        next_body=render(holder, following, book, province) if following else None,
    )


def render(holder: Holder, result: Grade, book: RuleBook, province: str) -> bytes:
    """A grade as JSON without its day, which `dated` adds when it is read."""
    return _encode(document(holder, result, book, province))


def document(holder: Holder, result: Grade, book: RuleBook, province: str) -> dict[str, Any]:
    """A grade as the contract shows it, without its day. It is the same for every caller, so that no veto names its
    record: whose grants cover the record learns it from the explanation."""
    return {
        "uscc": holder.uscc,
        "name": holder.name,
        "grade": result.letter,
        "score": None if result.score is None else format_points(result.score),
        "rulebook": book.id,
        "provisional": result.provisional,
        "use": USE,
        "pillars": [
            {"id": pillar.id, "score": format_points(pillar.score), "max": format_points(pillar.maximum)}
            for pillar in result.pillars
        ],
        "vetoes": [{"ceiling": veto.ceiling, "until": veto.until} for veto in result.vetoes],
        "listings": [],
        "decision": None,
        "out_of_province": is_outside(holder.uscc, province),
        "next_change_on": result.next_change_on,
        "enterprise_version": holder.version,
    } | ({"succeeded_by": holder.successors} if holder.successors else {})


def dated(body: bytes, on: date) -> bytes:
    """A rendered grade with the day for which it is asked."""
    return b'{"on":"%b",%b' % (on.isoformat().encode(), body[1:])
