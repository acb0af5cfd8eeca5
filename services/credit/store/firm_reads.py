"""Which firms each credential asked about on a day: what quotas are counted from, across processes and restarts."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Date, bindparam, text

from services.kernel.db import AnySession, WriteSession

_DAY = bindparam("day", type_=Date)
_ADD = text(
    "INSERT INTO firm_read (day, client_id, uscc) VALUES (:day, :client_id, :uscc) ON CONFLICT DO NOTHING"
).bindparams(_DAY)
_COUNT = text("SELECT count(*) FROM firm_read WHERE day = :day AND client_id = :client_id").bindparams(_DAY)
_FORGET = text("DELETE FROM firm_read WHERE day < :day").bindparams(_DAY)


def add(session: WriteSession, day: date, client_id: str, codes: Collection[str]) -> None:
    """Keep the firms that a credential asked about; those that are kept already stay."""
    rows = [{"day": day, "client_id": client_id, "uscc": code} for code in sorted(codes)]
    if rows:
        session.connection().execute(_ADD, rows)


def count(session: AnySession, day: date, client_id: str) -> int:
    """How many firms a credential asked about on a day."""
    return int(session.connection().execute(_COUNT, {"day": day, "client_id": client_id}).scalar_one())


def forget_before(session: WriteSession, day: date) -> None:
    """Forget earlier days."""
    session.connection().execute(_FORGET, {"day": day})
