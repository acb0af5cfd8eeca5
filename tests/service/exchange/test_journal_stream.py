"""The journal as a stream hands over whole events as bytes, however the driver receives them."""

from datetime import UTC, datetime

import pytest

from services.exchange.store import journal
from services.exchange.store.journal_lane import Reader, Slice
from services.exchange.store.journal_postgres import PostgresJournal
from services.exchange.store.journal_sqlite import SQLiteJournal

EVENTS = 3_000
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def append_events(database):
    rows = [
        (
            seq,
            1,
            f"{seq:032x}",
            None,
            None,
            "spot_check",
            "430100",
            NOW,
            '{"text":"%s"}' % ("质" * (seq % 900)),
        )
        for seq in range(1, EVENTS + 1)
    ]
    with database.write("test_events") as session:
        journal.append(session, rows)
    return [row[-1] for row in rows]


@pytest.mark.anyio
async def test_a_long_stream_is_made_of_bytes(exchange_database):
    bodies = append_events(exchange_database)
    on_sqlite = exchange_database.is_sqlite
    lane = (
        SQLiteJournal(exchange_database.path) if on_sqlite else PostgresJournal(exchange_database.driver_dsn)
    )
    await lane.open()
    try:
        chunks = [
            chunk
            async for chunk in lane.stream(
                0, EVENTS, [Slice(["spot_check"], ["430100"])], Reader("a", NOW.date())
            )
        ]
    finally:
        await lane.close()
    assert {type(chunk) for chunk in chunks} == {bytes}
    assert b"".join(chunks).decode().splitlines() == bodies
