"""Taking a login over to credit: a code that works once, within a minute, and never carries the session's own token."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.exchange.context import Exchange
from services.exchange.service.audit import Actor, AdministrativeAct, record
from services.exchange.service.sessions import is_in_use
from services.exchange.store import staff as store
from services.kernel import opaque_tokens
from services.kernel.db import WriteSession
from services.kernel.staff_sessions import HandedOver

CODE_LIVES: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Handover:
    """A new code and its end."""

    code: str
    expires_at: datetime


def issue_handover(session: WriteSession, session_id: str, now: datetime) -> Handover:
    """A code for a live session."""
    made = Handover(opaque_tokens.make_token(opaque_tokens.HANDOVER), now + CODE_LIVES)
    store.add_handover(session, opaque_tokens.digest_of(made.code), session_id, expires_at=made.expires_at)
    return made


def redeem(exchange: Exchange, code: str) -> HandedOver | None:
    """Who is behind a code, which is used up; None when it is unknown, used, late, or its session is over."""
    now = exchange.clock()
    with exchange.database.write("exchange.handover_redeemed") as session:
        session_id = store.take_handover(session, opaque_tokens.digest_of(code), now)
        found = store.session_by_id(session, session_id) if session_id is not None else None
        if found is None or not is_in_use(*found, now):
            return None
        row, account, _ = found
        record(
            session, Actor(account.username, row.id), AdministrativeAct.SESSION_HANDED_OVER, subject=row.id,
            agency=account.agency, at=now,
        )  # fmt: skip
        return HandedOver(account.username, row.id, row.authenticated_at, row.expires_at)
