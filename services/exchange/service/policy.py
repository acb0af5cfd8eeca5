"""The policy in force for this process: read whole when its version has moved, asked for at most twice a second."""

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.exchange.store.policy import policy_version, read_policy
from services.kernel.clock import Clock
from services.kernel.db import Database
from services.kernel.policy import STALE_AFTER_SECONDS, Policy
from services.kernel.problems import Problem

RECHECK_AFTER: Final = timedelta(seconds=0.5)
log = structlog.get_logger(__name__)


class LivePolicy:
    """A `PolicySource` over the exchange's own database.

    Of many requests one rechecks while the others go on with what is known, until that is stale: then all wait, and
    are refused when the database does not answer. A change takes effect in every process within `RECHECK_AFTER`.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._lock = Lock()
        self._held: tuple[datetime, Policy] | None = None

    def __call__(self) -> Policy:
        """The policy in force.

        Raises:
            Problem: `policy_stale` when it could not be read for too long.
        """
        now, held = self._clock(), self._held
        if held is not None and _age(held, now) < RECHECK_AFTER:
            return held[1]
        usable = held is not None and _age(held, now).total_seconds() < STALE_AFTER_SECONDS
        if not self._lock.acquire(blocking=not usable):
            assert held is not None  # noqa: S101 - without a policy at hand the lock is waited for
            return held[1]
        try:
            return self._recheck(now)
        finally:
            self._lock.release()

    def _recheck(self, now: datetime) -> Policy:
        held = self._held
        if (
            held is not None and _age(held, now) < RECHECK_AFTER
        ):  # another thread did it while this one waited
            return held[1]
        try:
            policy = self._read(held[1] if held else None, now)
        except SQLAlchemyError as error:
            if held is None or _age(held, now).total_seconds() >= STALE_AFTER_SECONDS:
                raise Problem("policy_stale", headers={"Retry-After": "2"}) from error
            log.warning("policy_unread", error=type(error).__name__)
            return held[1]
        self._held = (now, policy)
        return policy

    def _read(self, known: Policy | None, now: datetime) -> Policy:
        with self._database.read() as session:
            if known is not None and policy_version(session) == known.version:
                return known
        with self._database.read() as session:
            return read_policy(session, now)


def _age(held: tuple[datetime, Policy], now: datetime) -> timedelta:
    return abs(now - held[0])
