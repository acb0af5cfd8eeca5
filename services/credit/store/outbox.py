"""Events on their way to the journal: appended with what they tell, handed out unsent, marked once they are held."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from services.credit.tables import OutboxDelivery, OutboxEvents
from services.kernel.bulk import insert_rows, select_texts, take_numbers, update_rows
from services.kernel.db import AnySession, WriteSession

OUTBOX: Final = OutboxEvents.__table__  # type: ignore[attr-defined]  # added by the table metaclass
DELIVERY: Final = OutboxDelivery.__table__  # type: ignore[attr-defined]  # added by the table metaclass

_BLOCK: Final = 1 << 20
"""So many numbers belong to one value of the sequence on PostgreSQL, so that a transaction's events follow each other."""
_RUN: Final = 5_000
"""The most events that are handed out, and marked, as one."""
_DENSE: Final = 4
"""So many runs for each one that is wanted are read at most, to be sifted."""
_RUNS: Final = text(
    "SELECT first_no, last_no FROM outbox_delivery WHERE seq IS NULL ORDER BY first_no LIMIT :limit"
)
_ALL_RUNS: Final = text(
    "SELECT first_no, last_no, seq FROM outbox_delivery WHERE first_no BETWEEN :first AND :last"
    " ORDER BY first_no LIMIT :limit"
)
_BETWEEN: Final = "FROM outbox WHERE no BETWEEN %s AND %s ORDER BY no"
_LAST: Final = text("SELECT last_no FROM outbox_delivery ORDER BY first_no DESC LIMIT 1")
_by_enterprise: Final = itemgetter(0)


class Run(NamedTuple):
    """Events of one transaction that follow each other, by their numbers: the journal takes them whole."""

    first: int
    last: int

    @property
    def events(self) -> int:
        return self.last - self.first + 1


def append(session: WriteSession, events: Sequence[tuple[str, int, bytes]]) -> None:
    """Write events `(uscc, enterprise version, bytes)` in order. The enterprises' locks are already held: the numbers
    of one enterprise therefore rise in the order of its versions."""
    if not events:
        return
    runs = [
        Run(first, min(first + _RUN, block.stop) - 1)
        for block in _numbers(session, len(events)) for first in block[::_RUN]
    ]  # fmt: skip
    waiting = iter(events)
    rows = [row for run in runs for row in _rows(run.first, islice(waiting, run.events))]
    insert_rows(session, OUTBOX, ("no", "uscc", "enterprise_version", "events", "lines"), rows)
    insert_rows(session, DELIVERY, ("first_no", "last_no"), runs)


def _rows(no: int, events: Iterable[tuple[str, int, bytes]]) -> Iterator[tuple[int, str, int, int, bytes]]:
    """The rows of a run, whose first number is `no`. Events of one enterprise that follow each other share one: a row costs
    an entry in two indexes, and handing it out as much as its bytes do."""
    for uscc, found in groupby(events, _by_enterprise):
        held = list(found)
        yield no, uscc, held[0][1], len(held), b"\n".join([event for _, _, event in held])
        no += len(held)


def _numbers(session: WriteSession, count: int) -> list[range]:
    """Numbers for new events, in order. A sequence hands out the numbers of transactions at work at the same time in
    turn: one value of it stands for a whole block."""
    if session.connection().dialect.name == "sqlite":
        first = (session.connection().execute(_LAST).scalar() or 0) + 1
        return [range(first, first + count)]
    blocks = take_numbers(session, OUTBOX, "no", -(-count // _BLOCK))
    return [
        range(block * _BLOCK, block * _BLOCK + min(_BLOCK, count - place * _BLOCK))
        for place, block in enumerate(blocks)
    ]


def unsent(session: AnySession, limit: int) -> tuple[list[Run], list[bytes]]:
    """Runs of events that the journal is not known to hold, in order, until they hold `limit` events; and the events, a line
    each, in texts of one or more lines. To be called first in its session."""
    connection = _steady(session)
    wanted, held = list[Run](), 0
    for first, last in connection.execute(_RUNS, {"limit": limit}):
        wanted.append(Run(first, last))
        held += wanted[-1].events
        if held >= limit:
            break
    if not wanted:
        return [], []
    reach = {"first": wanted[0].first, "last": wanted[-1].first, "limit": _DENSE * limit}
    found, stretches = list[Run](), list[Run]()
    is_open = False
    for first, last, seq in connection.execute(_ALL_RUNS, reach):
        if seq is None:
            found.append(Run(first, last))
            if is_open:
                stretches[-1] = Run(stretches[-1].first, last)
            else:
                stretches.append(found[-1])
        is_open = seq is None
    return found, [
        lines for stretch in stretches for lines in select_texts(session, "lines", _BETWEEN, stretch)
    ]


def _steady(session: AnySession) -> Connection:
    """A connection whose statements all see the same moment, as SQLite's do: no run may be committed, or marked, between
    the statement that finds the runs and the one that reads what lies between their numbers."""
    if session.get_bind().dialect.name == "sqlite":
        return session.connection()
    return session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def of_enterprise(session: AnySession, uscc: str) -> list[str]:
    """Every event of an enterprise, in order of its versions."""
    rows = session.connection().execute(
        text("SELECT lines FROM outbox WHERE uscc = :uscc ORDER BY enterprise_version"), {"uscc": uscc}
    )
    # nothing but our line ends: a text in an event may hold others of Unicode's
    return [event for (lines,) in rows for event in lines.split("\n")]


def mark_sent(session: WriteSession, epoch: int, places: Sequence[tuple[int, int]]) -> None:
    """Note where the journal holds runs: `(number, seq)` of the first event of each."""
    update_rows(session, DELIVERY, ("first_no",), ("epoch", "seq"), [(no, epoch, seq) for no, seq in places])


def forget_above(session: WriteSession, seq: int) -> int:
    """Make events unsent again that the journal, restored to an earlier head, no longer holds; how many runs. A run
    was appended whole, so that a head stands at the end of one."""
    result = session.connection().execute(
        text("UPDATE outbox_delivery SET seq = NULL, epoch = NULL WHERE seq + last_no - first_no > :seq"),
        {"seq": seq},
    )
    return result.rowcount
