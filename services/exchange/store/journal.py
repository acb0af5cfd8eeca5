"""Writing the journal: the head's lock, the fence, the numbering of what is new; and the relay's lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, text, tuple_, update

from services.exchange.tables import JournalEvent, JournalHead, Lease
from services.kernel.bulk import insert_rows
from services.kernel.db import AnySession, Instant, WriteSession

JOURNAL: Final = JournalEvent.__table__  # type: ignore[attr-defined]  # added by the table metaclass
HEAD: Final = JournalHead.__table__  # type: ignore[attr-defined]  # added by the table metaclass
LEASE: Final = Lease.__table__  # type: ignore[attr-defined]  # added by the table metaclass
_COLUMNS: Final = (
    "seq",
    "epoch",
    "event_id",
    "uscc",
    "enterprise_version",
    "kind",
    "region",
    "recorded_at",
    "body",
)


_OFFER: Final = text(
    "INSERT INTO lease (name, holder, token, expires_at) VALUES (:name, '', 0, :now) ON CONFLICT DO NOTHING"
).bindparams(bindparam("now", type_=Instant))


@dataclass(frozen=True, slots=True)
class Head:
    """Where the journal stands."""

    epoch: int
    seq: int
    fence: int
    floor: int


def head(session: AnySession) -> Head:
    """The head as it is."""
    return Head(*session.execute(select(HEAD.c.epoch, HEAD.c.seq, HEAD.c.fence, HEAD.c.floor)).one())


def lock_head(session: WriteSession) -> Head:
    """The head, locked until the transaction ends."""
    query = select(HEAD.c.epoch, HEAD.c.seq, HEAD.c.fence, HEAD.c.floor).with_for_update()
    return Head(*session.execute(query).one())


def move_head(session: WriteSession, *, seq: int, fence: int) -> None:
    """Advance the locked head."""
    session.execute(update(HEAD).values(seq=seq, fence=fence))


def raise_floor(session: WriteSession, before: datetime, reach: int) -> int:
    """Serve no longer what was recorded before an instant; looks at `reach` events at most, answers the new floor."""
    now = lock_head(session)
    last = session.execute(
        select(JOURNAL.c.seq)
        .where(JOURNAL.c.seq > now.floor, JOURNAL.c.seq <= now.floor + reach, JOURNAL.c.recorded_at < before)
        .order_by(JOURNAL.c.seq.desc())
        .limit(1)
    ).scalar_one_or_none()
    if last is None:
        return now.floor
    session.execute(update(HEAD).values(floor=last))
    return int(last)


def known(session: AnySession, versions: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Which events the journal holds of some versions of enterprises, and where: id → seq."""
    query = select(JOURNAL.c.event_id, JOURNAL.c.seq)
    query = query.where(tuple_(JOURNAL.c.uscc, JOURNAL.c.enterprise_version).in_(versions))
    return dict(iter(session.execute(query)))


def append(session: WriteSession, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append numbered events, in the order of the columns."""
    insert_rows(session, JOURNAL, _COLUMNS, rows)


def take_lease(session: WriteSession, name: str, holder: str, now: datetime, until: datetime) -> int | None:
    """Take or renew a lease; the token, or None while another holds it."""
    # a lease that nobody has held yet: of two that come first at once, neither may fail
    session.execute(_OFFER, {"name": name, "now": now})
    query = select(LEASE.c.holder, LEASE.c.token, LEASE.c.expires_at).where(LEASE.c.name == name)
    row = session.execute(query.with_for_update()).one()
    if row.holder != holder and row.expires_at > now:
        return None
    token: int = row.token + (row.holder != holder)
    session.execute(
        update(LEASE).where(LEASE.c.name == name).values(holder=holder, token=token, expires_at=until)
    )
    return token


def give_back(session: WriteSession, name: str, holder: str, now: datetime) -> None:
    """End one's own lease, so that the next holder need not wait for it."""
    session.execute(
        update(LEASE).where(LEASE.c.name == name, LEASE.c.holder == holder).values(expires_at=now)
    )
