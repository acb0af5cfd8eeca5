"""Events on their way to the journal: appended with what they tell, handed out unsent, marked once they are held."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from services.credit.tables import OutboxDelivery, OutboxEvent
from services.kernel.bulk import insert_rows, take_numbers, update_rows
from services.kernel.db import AnySession, WriteSession

OUTBOX: Final = OutboxEvent.__table__  # type: ignore[attr-defined]  # added by the table metaclass
DELIVERY: Final = OutboxDelivery.__table__  # type: ignore[attr-defined]  # added by the table metaclass

_DENSE: Final = 4
"""So many numbers for each event that is wanted are read at most, to be sifted."""
_MANY_RUNS: Final = 100
_UNSENT: Final = text("SELECT no FROM outbox_delivery WHERE seq IS NULL ORDER BY no LIMIT :limit")
_LINES: Final = (
    "SELECT {join}('{{\"no\":' || no || ',\"event\":' || event || '}}' || {newline}, '') FROM ("
    "SELECT o.no, o.event FROM outbox o JOIN outbox_delivery d ON d.no = o.no"
    " WHERE o.no BETWEEN :first AND :last AND d.no BETWEEN :first AND :last AND d.seq IS NULL ORDER BY o.no) AS found"
)
_LINES_OF: Final = {
    "sqlite": text(_LINES.format(join="group_concat", newline="char(10)")),
    "postgresql": text(_LINES.format(join="string_agg", newline="chr(10)")),
}
_MARK: Final = text(
    "UPDATE outbox_delivery SET epoch = :epoch, seq = no + :offset WHERE no BETWEEN :first AND :last"
)


def append(session: WriteSession, events: Sequence[tuple[str, int, bytes]]) -> None:
    """Write events `(uscc, enterprise version, bytes)` in order. The enterprises' locks are already held: the numbers
    of one enterprise therefore rise in the order of its versions."""
    if not events:
        return
    numbers = take_numbers(session, OUTBOX, "no", len(events))
    rows = [
        (no, uscc, version, event.decode())
        for no, (uscc, version, event) in zip(numbers, events, strict=True)
    ]
    insert_rows(session, OUTBOX, ("no", "uscc", "enterprise_version", "event"), rows)
    insert_rows(session, DELIVERY, ("no",), [(no,) for no in numbers])


def unsent(session: AnySession, limit: int) -> str:
    """Events that the journal is not known to hold, in order, as lines of the wire (`kernel/outbox.py`)."""
    connection = session.connection()
    # two steps: asked in one, PostgreSQL reads the whole outbox for as long as that is small
    numbers = [no for (no,) in connection.execute(_UNSENT, {"limit": limit})]
    if not numbers:
        return ""
    reach = numbers[0] + _DENSE * limit  # what lies far behind the first is handed out in a later turn
    last = max(no for no in numbers if no < reach)
    # put together by the database: thousands of rows made into objects here would cost more than all the rest
    lines: str | None = connection.execute(
        _LINES_OF[connection.dialect.name], {"first": numbers[0], "last": last}
    ).scalar_one()
    return lines or ""  # another relay may have had them marked between the two statements


def of_enterprise(session: AnySession, uscc: str) -> list[str]:
    """Every event of an enterprise, in order of its versions."""
    rows = session.connection().execute(
        text("SELECT event FROM outbox WHERE uscc = :uscc ORDER BY enterprise_version"), {"uscc": uscc}
    )
    return [event for (event,) in rows]


def mark_sent(session: WriteSession, epoch: int, places: Sequence[tuple[int, int]]) -> None:
    """Note where the journal holds events: `(number, seq)`. Events that follow each other in both are noted at once."""
    runs: list[list[int]] = []
    for no, seq in places:
        if runs and no == runs[-1][1] + 1 and seq - no == runs[-1][2]:
            runs[-1][1] = no
        else:
            runs.append([no, no, seq - no])
    if len(runs) > _MANY_RUNS:
        update_rows(session, DELIVERY, ("no",), ("epoch", "seq"), [(no, epoch, seq) for no, seq in places])
        return
    for first, last, offset in runs:
        session.connection().execute(_MARK, {"epoch": epoch, "offset": offset, "first": first, "last": last})


def forget_above(session: WriteSession, seq: int) -> int:
    """Make events unsent again that the journal, restored to an earlier head, no longer holds; how many."""
    result = session.connection().execute(
        text("UPDATE outbox_delivery SET seq = NULL, epoch = NULL WHERE seq > :seq"), {"seq": seq}
    )
    return result.rowcount
