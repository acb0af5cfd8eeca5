"""Events on their way to the journal: appended with what they tell, handed out unsent, marked once they are held."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from services.credit.tables import OutboxDelivery, OutboxEvent
from services.kernel.bulk import insert_rows, take_numbers, update_rows
from services.kernel.db import AnySession, WriteSession

OUTBOX: Final = OutboxEvent.__table__  # type: ignore[attr-defined]  # added by the table metaclass
DELIVERY: Final = OutboxDelivery.__table__  # type: ignore[attr-defined]  # added by the table metaclass


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


def unsent(session: AnySession, limit: int) -> list[tuple[int, str]]:
    """Events that the journal is not known to hold, in order: number and bytes."""
    rows = session.connection().execute(
        text(
            "SELECT o.no, o.event FROM outbox o JOIN (SELECT no FROM outbox_delivery WHERE seq IS NULL ORDER BY no LIMIT :limit) d"
            " ON d.no = o.no ORDER BY o.no"
        ),
        {"limit": limit},
    )
    return [(no, event) for no, event in rows]


def of_enterprise(session: AnySession, uscc: str) -> list[str]:
    """Every event of an enterprise, in order of its versions."""
    rows = session.connection().execute(
        text("SELECT event FROM outbox WHERE uscc = :uscc ORDER BY enterprise_version"), {"uscc": uscc}
    )
    return [event for (event,) in rows]


def mark_sent(session: WriteSession, epoch: int, places: Sequence[tuple[int, int]]) -> None:
    """Note where the journal holds events: `(number, seq)`."""
    update_rows(session, DELIVERY, ("no",), ("epoch", "seq"), [(no, epoch, seq) for no, seq in places])


def forget_above(session: WriteSession, seq: int) -> int:
    """Make events unsent again that the journal, restored to an earlier head, no longer holds; how many."""
    result = session.connection().execute(
        text("UPDATE outbox_delivery SET seq = NULL, epoch = NULL WHERE seq > :seq"), {"seq": seq}
    )
    return result.rowcount
