"""Failed proofs of clients as they are kept: by client id and address, and counted on the credential."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col

from services.exchange.domain.attempts import FORGOTTEN_AFTER, Attempts, after_failure
from services.exchange.tables import Credential, FailedAttempt
from services.kernel.db import AnySession, WriteSession


def attempts_of(session: AnySession, client_id: str, address: str) -> Attempts | None:
    """The failures of a client id at an address; None without any."""
    row = session.get(FailedAttempt, (_named(client_id), address))
    return None if row is None else Attempts(row.failures, row.last_failed_at)


def note_failure(session: WriteSession, client_id: str, address: str, now: datetime) -> None:
    """Count a failure, and forget those that no longer matter."""
    session.execute(delete(FailedAttempt).where(col(FailedAttempt.last_failed_at) < now - FORGOTTEN_AFTER))
    known = after_failure(attempts_of(session, client_id, address), now)
    session.merge(
        FailedAttempt(client=_named(client_id), address=address, failures=known.failures, last_failed_at=now)
    )
    if _is_storable(client_id):
        session.execute(
            update(Credential)
            .where(col(Credential.client_id) == client_id)
            .values(failed_attempts=col(Credential.failed_attempts) + 1, last_failed_at=now)
        )


def forget_failures(session: WriteSession, client_id: str, address: str) -> None:
    """Forget the failures in a row of a client that has just proved itself; those on the credential stay counted."""
    session.execute(
        delete(FailedAttempt).where(
            col(FailedAttempt.client) == _named(client_id), col(FailedAttempt.address) == address
        )
    )


def _named(client_id: str) -> str:
    """A name of fixed length: whoever guesses writes what he likes, and it is not kept."""
    return hashlib.sha256(client_id.encode(errors="surrogatepass")).hexdigest()


def _is_storable(client_id: str) -> bool:
    return client_id.isascii() and client_id.isprintable()
