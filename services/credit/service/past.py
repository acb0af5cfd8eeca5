"""Answering what a grade was: on a day (`as_of`), by what was known at an instant (`known_at`).

Both resolve to an enterprise version: the events up to it are folded anew, so that the answer is the one that a replay
of the journal up to that instant into an empty database gives.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, NamedTuple

import msgspec

from services.credit.domain.past import PastEvent, PastFile, file_at
from services.credit.domain.rules import RuleBook
from services.credit.service.cards import grade_on
from services.credit.service.context import Credit
from services.credit.service.lookup import Shown, rendered
from services.credit.store import activations, outbox, rulebooks
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession
from services.kernel.policy import Reach
from services.kernel.texts import Text


class _Event(msgspec.Struct):
    type: str
    enterprise_version: int
    recorded_at: datetime
    region: str | None
    record_id: str | None
    data: dict[str, object]


_read_event: Final = msgspec.json.Decoder(_Event).decode


class Moment(NamedTuple):
    """The question: on which day, by what was known when. Either may be left out."""

    as_of: date | None
    known_at: datetime | None


class MomentRefused(Exception):  # noqa: N818 - a refusal with a code, not a failure
    """A day or an instant about which nothing can be said."""

    def __init__(self, code: str, parameter: str) -> None:
        super().__init__(code)
        self.code, self.parameter = code, parameter


REFUSALS: Final[dict[str, Text]] = {
    "known_at_in_future": Text(
        "known_at 晚于现在：尚不知道将来会知道什么",
        "known_at is after now: what will be known is not known yet",
    ),
    "as_of_in_future": Text(
        "as_of 晚于今天（北京时间）；将来的变化见 /outlook",
        "as_of is after today (Beijing time); /outlook tells what lies ahead",
    ),
    "as_of_before_rules": Text(
        "as_of 早于任何已启用的评价规则", "as_of is before any rule book that was active is valid"
    ),
    "known_at_before_file": Text(
        "当时还没有这家企业的任何记录", "nothing was known of the enterprise at that instant"
    ),
}


def events_of(session: AnySession, uscc: str) -> list[PastEvent]:
    """Every event of an enterprise, in order of its versions."""
    events = map(_read_event, outbox.of_enterprise(session, uscc))
    return [
        PastEvent(e.type, e.enterprise_version, e.recorded_at, e.region, e.record_id, e.data) for e in events
    ]


def graded_then(
    credit: Credit,
    session: AnySession,
    uscc: str,
    moment: Moment,
    reach: Reach | None,
    unshared: frozenset[str] = frozenset(),
) -> bytes | None:
    """The grade of a moment as JSON; None for an unknown enterprise. With a reach, explained, but for what is shared no
    longer.

    Without `as_of` the day is that of `known_at`; without `known_at` all counts that is known now.

    Raises:
        MomentRefused: nothing can be said about this moment.
    """
    now = credit.clock()
    if moment.known_at is not None and moment.known_at > now:
        raise MomentRefused("known_at_in_future", "known_at")
    if moment.as_of is not None and moment.as_of > shanghai_day(now):
        raise MomentRefused("as_of_in_future", "as_of")
    events = events_of(session, uscc)
    if not events:
        return None
    # the last event may be microseconds ahead of the clock: all that is known counts when no instant is asked for
    known_at = moment.known_at or max(now, events[-1].recorded_at)
    file = file_at(uscc, events, known_at)
    if file is None:
        raise MomentRefused("known_at_before_file", "known_at")
    day = moment.as_of or shanghai_day(known_at)
    book = book_then(books_by_instant(credit, session), known_at, day)
    if book is None:
        raise MomentRefused("as_of_before_rules", "as_of")
    return _shown(credit, file, book, day, reach, unshared)


def books_by_instant(credit: Credit, session: AnySession) -> list[tuple[datetime, RuleBook]]:
    """The rule books that were ever active, with each instant from which one graded, in that order."""
    first = {(book.activated_at, book.id) for book in rulebooks.every(session) if book.activated_at}
    again = {(each.activated_at, each.rulebook) for each in activations.every(session) if each.activated_at}
    return [(since, credit.rulebook_named(session, book)) for since, book in sorted(first | again)]


def book_then(books: Iterable[tuple[datetime, RuleBook]], known_at: datetime, day: date) -> RuleBook | None:
    """The rule book by which a day was graded at an instant: of those valid on the day, the one activated last."""
    valid = [(since, book) for since, book in books if since <= known_at and book.valid_from <= day]
    return max(valid, key=lambda activated: activated[0])[1] if valid else None


def _shown(
    credit: Credit, file: PastFile, book: RuleBook, day: date, reach: Reach | None, unshared: frozenset[str]
) -> bytes:
    province = credit.settings.province
    facts = list(file.facts.values())
    result = grade_on(file.uscc, facts, book, day, province=province)
    # a record without a region is covered by no grant
    regions = {record_id: region for record_id, region in file.regions.items() if record_id not in unshared}
    return rendered(
        Shown(file.uscc, file.name, file.version, facts, regions, file.successors),
        result,
        book,
        day,
        province,
        reach,
    )
