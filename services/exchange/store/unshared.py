"""Events of records that are shared no longer: which, from which day, and whose they stay."""

from datetime import date
from typing import Final

import msgspec
from sqlalchemy import delete, insert, select

from services.exchange.tables import JournalEvent, UnsharedEvent
from services.kernel.db import WriteSession

JOURNAL: Final = JournalEvent.__table__  # type: ignore[attr-defined]  # added by the table metaclass
UNSHARED: Final = UnsharedEvent.__table__  # type: ignore[attr-defined]  # added by the table metaclass
_TELLING: Final = frozenset({"record_upserted", "record_corrected", "record_withdrawn"})


class _Told(msgspec.Struct):
    """What decides whether an event tells a record's content."""

    type: str
    record_id: str | None
    provider: str | None


_read: Final = msgspec.json.Decoder(_Told).decode


def note(
    session: WriteSession, uscc: str, record_id: str, *, before: int, unshared_from: date | None
) -> None:
    """From a day on (None: never) the events before a place that tell a record of an enterprise are not shared. What was
    noted of the record before is replaced; its events in a former enterprise's file stay as they were noted."""
    rows = session.execute(
        select(JOURNAL.c.seq, JOURNAL.c.body).where(JOURNAL.c.uscc == uscc, JOURNAL.c.seq < before)
    ).all()
    told = [(seq, _read(body)) for seq, body in rows if record_id in body]
    own = {
        seq: event.provider for seq, event in told if event.record_id == record_id and event.type in _TELLING
    }
    session.execute(delete(UNSHARED).where(UNSHARED.c.record_id == record_id, UNSHARED.c.seq.in_(list(own))))
    if unshared_from is None:
        session.execute(delete(UNSHARED).where(UNSHARED.c.record_id == record_id))
        return
    values = [
        {"seq": seq, "record_id": record_id, "provider": provider or "", "unshared_from": unshared_from}
        for seq, provider in own.items()
    ]
    if values:
        session.execute(insert(UNSHARED), values)
