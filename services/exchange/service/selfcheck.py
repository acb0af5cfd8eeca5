"""Checking the exchange's whole database: the journal is dense and in order, every batch is receipted (I1, I3)."""

from itertools import pairwise
from typing import Final

from sqlalchemy import text

from services.exchange.store import journal
from services.kernel.db import Database

_INVERSIONS: Final = (
    "SELECT uscc, seq FROM (SELECT uscc, seq, enterprise_version,"
    " lag(enterprise_version) OVER (PARTITION BY uscc ORDER BY seq) AS before FROM journal WHERE uscc IS NOT NULL) AS told"
    " WHERE enterprise_version <> coalesce(before, 0) + 1"
)
_UNRECEIPTED: Final = "SELECT id FROM batch WHERE status = 'completed' AND receipt IS NULL"
_UNANSWERED: Final = "SELECT b.id FROM batch b JOIN batch_page p ON p.batch_id = b.id WHERE b.status = 'completed' AND p.verdicts IS NULL"


def check_exchange(database: Database) -> list[str]:
    """What does not hold, a line each; empty when all does."""
    with database.read() as session:
        connection = session.connection()
        places = [seq for (seq,) in connection.execute(text("SELECT seq FROM journal ORDER BY seq"))]
        findings = [f"journal: {a} is followed by {b}" for a, b in pairwise([0, *places]) if b != a + 1]
        head = journal.head(session)
        if head.seq != len(places):
            findings.append(f"journal: the head says {head.seq}, {len(places)} events are there")
        findings += [
            f"journal: {uscc} out of order at {seq}" for uscc, seq in connection.execute(text(_INVERSIONS))
        ]
        findings += [
            f"batch {found}: completed without a receipt"
            for (found,) in connection.execute(text(_UNRECEIPTED))
        ]
        findings += [
            f"batch {found}: completed with pages unanswered"
            for (found,) in connection.execute(text(_UNANSWERED))
        ]
    return findings
