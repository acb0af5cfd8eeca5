"""Simulations of rule books: asked for, worked on, completed."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, text

from services.credit.store.enterprises import read_instant
from services.credit.tables import RuleBookSimulation
from services.kernel.bulk import insert_rows
from services.kernel.db import AnySession, Instant, WriteSession

SIMULATION: Final = RuleBookSimulation.__table__  # type: ignore[attr-defined]  # added by the table metaclass
_COLUMNS: Final = (
    "id", "agency", "text", "digest", "state", "requested_at", "beat_at", "done", "total", "result"
)  # fmt: skip
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM rulebook_simulation"
_NOW: Final = bindparam("now", type_=Instant)
_STALE: Final = bindparam("stale", type_=Instant)


class StoredSimulation(NamedTuple):
    """One simulation as the table keeps it."""

    id: str
    agency: str
    text: str
    digest: str
    state: str
    requested_at: datetime
    beat_at: datetime | None
    done: int
    total: int
    result: str | None


def find(session: AnySession, simulation_id: str) -> StoredSimulation | None:
    """A simulation by its id."""
    row = session.connection().execute(text(f"{_SELECT} WHERE id = :id"), {"id": simulation_id}).one_or_none()
    return _stored(row) if row else None


def _stored(row: Any) -> StoredSimulation:
    return StoredSimulation(
        id=row[0], agency=row[1], text=row[2], digest=row[3], state=row[4], requested_at=read_instant(row[5]),
        beat_at=read_instant(row[6]) if row[6] else None, done=row[7], total=row[8], result=row[9],
    )  # fmt: skip


def enter(session: WriteSession, simulation: StoredSimulation) -> None:
    """Enter a simulation; a second one with its id raises `IntegrityError`."""
    insert_rows(session, SIMULATION, _COLUMNS, [simulation])


def waiting(session: AnySession, stale: datetime, *, locked: bool = False) -> StoredSimulation | None:
    """The next simulation to work on: one that nobody took up, or that nobody beat since `stale`; `locked` keeps others from
    finding it until the transaction ends."""
    keeping = " FOR UPDATE SKIP LOCKED" if locked and session.connection().dialect.name != "sqlite" else ""
    row = (
        session.connection()
        .execute(
            text(
                f"{_SELECT} WHERE state = 'pending' OR (state = 'running' AND beat_at < :stale)"
                f" ORDER BY requested_at, id LIMIT 1{keeping}"
            ).bindparams(_STALE),
            {"stale": stale},
        )
        .one_or_none()
    )
    return _stored(row) if row else None


def beat(session: WriteSession, simulation_id: str, now: datetime, *, done: int, total: int) -> None:
    """Note that it is worked on, and how far it is."""
    session.connection().execute(
        text(
            "UPDATE rulebook_simulation SET state = 'running', beat_at = :now, done = :done, total = :total WHERE id = :id"
        ).bindparams(_NOW),
        {"id": simulation_id, "now": now, "done": done, "total": total},
    )


def complete(session: WriteSession, simulation_id: str, *, result: str, firms: int) -> None:
    """Note what came out."""
    session.connection().execute(
        text(
            "UPDATE rulebook_simulation SET state = 'completed', done = :firms, total = :firms, result = :result WHERE id = :id"
        ),
        {"id": simulation_id, "firms": firms, "result": result},
    )
