"""The relay: one at a time, fenced, exactly once into a dense journal in each enterprise's order, whatever breaks."""

import asyncio
from datetime import timedelta
from functools import partial
from itertools import pairwise
from threading import Barrier

import httpx
import pytest

from services.credit.app import create_app as create_credit
from services.credit.service.rulebooks import seed_rulebook
from services.exchange.app import open_exchange
from services.exchange.service.relay import JournalClash, RelayFenced, carry, relay_events
from services.exchange.service.selfcheck import check_exchange
from services.exchange.store import batches, journal
from tests.conftest import address_of
from tests.door import until
from tests.filing import check, code_of, credit_settings, penalty, registration, rows, take

pytestmark = pytest.mark.anyio
ACKNOWLEDGEMENTS = "/internal/outbox/acknowledgements"
LEASE_FOR = timedelta(seconds=3)


class Line(httpx.ASGITransport):
    """The line to credit; it can lose what one path answers."""

    loses = None

    async def handle_async_request(self, request):
        if request.url.path == self.loses:
            raise httpx.ReadError("the line broke", request=request)
        return await super().handle_async_request(request)


class Relay:
    """An exchange without its workers, credit behind a line, and records to file."""

    def __init__(self, exchange, credit, line):
        self.exchange, self.credit, self.line = exchange, credit, line
        self.database, self.clock = exchange.database, exchange.clock

    def lease(self, holder="one"):
        with self.database.write("test") as session:
            now = self.clock()
            return journal.take_lease(session, "relay", holder, now, now + LEASE_FOR)

    def give_back(self, holder="one"):
        with self.database.write("test") as session:
            journal.give_back(session, "relay", holder, self.clock())

    def events(self):
        """The journal: seq, event id, enterprise, version."""
        return rows(self.database, "SELECT seq, event_id, uscc, enterprise_version FROM journal ORDER BY seq")

    def written(self):
        """What credit wrote: enterprise and version of each event."""
        found = rows(self.credit.database, "SELECT uscc, enterprise_version, events FROM outbox")
        return [(uscc, first + place) for uscc, first, events in found for place in range(events)]

    def unsent(self):
        return rows(self.credit.database, "SELECT count(*) FROM outbox_delivery WHERE seq IS NULL")[0][0]


@pytest.fixture
async def relay(exchange_settings, credit_database, service_keys, clock):
    app = create_credit(credit_settings(address_of(credit_database), service_keys), clock=clock)
    credit = app.state.credit.credit
    seed_rulebook(credit.database, clock())
    line = Line(app, raise_app_exceptions=False)
    exchange = open_exchange(exchange_settings, clock=clock, credit_transport=line)
    yield Relay(exchange, credit, line)
    await exchange.credit.close()
    exchange.database.close()
    credit.database.close()


def faults_of(history, written):
    """What is wrong with a journal (seq, id, enterprise, version) that should hold what was written."""
    found = [f"gap after {a}" for a, b in pairwise([0, *(seq for seq, *_ in history)]) if b != a + 1]
    ids = [event for _, event, *_ in history]
    found += [f"{event} twice" for event in sorted({event for event in ids if ids.count(event) > 1})]
    last = {}
    for seq, _, uscc, version in history:
        if version != last.get(uscc, 0) + 1:
            found.append(f"{uscc} out of order at {seq}")
        last[uscc] = version
    missing = set(written) - {(uscc, version) for *_, uscc, version in history}
    return found + [f"{uscc} {version} missing" for uscc, version in sorted(missing)]


SOUND = [(1, "a", "X", 1), (2, "b", "Y", 1), (3, "c", "X", 2), (4, "d", "X", 3)]


@pytest.mark.parametrize(
    ("history", "fault"),
    [
        (SOUND, None),
        ([SOUND[0], *SOUND[2:]], "gap after 1"),
        ([*SOUND, (5, "a", "X", 1)], "a twice"),
        ([(1, "c", "X", 2), (2, "b", "Y", 1), (3, "a", "X", 1), SOUND[3]], "X out of order at 1"),
        ([SOUND[0], SOUND[1], (3, "d", "X", 3)], "X 2 missing"),
        (SOUND[:3], "X 3 missing"),
    ],
)
async def test_the_history_checker_sees_each_planted_fault(history, fault):
    found = faults_of(history, [("X", 1), ("Y", 1), ("X", 2), ("X", 3)])
    assert fault in found if fault else found == []


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("DELETE FROM journal WHERE seq = 2", "1 is followed by 3"),
        ("UPDATE journal_head SET seq = 9", "the head says 9"),
        ("UPDATE journal SET enterprise_version = 100 - seq", "out of order at 1"),
    ],
)
async def test_the_self_check_sees_planted_faults(relay, damage, finding):
    take(relay.credit, registration(1), penalty(1), check(1))
    await carry(relay.exchange, relay.lease())
    assert check_exchange(relay.database) == []
    with relay.database.write("test") as session:
        session.connection().exec_driver_sql(damage)
    assert any(finding in found for found in check_exchange(relay.database))


# --- the lease


async def test_a_lease_belongs_to_one_until_it_ends(relay, clock):
    assert (relay.lease("one"), relay.lease("two"), relay.lease("one")) == (1, None, 1)
    clock.advance(seconds=3)
    assert (relay.lease("two"), relay.lease("one")) == (2, None)


async def test_a_lease_that_is_given_back_is_free_at_once(relay):
    relay.lease("one")
    relay.give_back("two")
    assert relay.lease("two") is None
    relay.give_back("one")
    assert relay.lease("two") == 2


async def test_an_old_token_cannot_append_after_a_takeover(relay, clock):
    old = relay.lease("one")
    clock.advance(seconds=3)
    new = relay.lease("two")
    take(relay.credit, registration(1))
    assert await carry(relay.exchange, new) > 0
    take(relay.credit, registration(2))
    before = relay.events()
    with pytest.raises(RelayFenced):
        await carry(relay.exchange, old)
    assert relay.events() == before


async def test_a_relay_that_ends_lets_the_next_go_on(relay):
    take(relay.credit, registration(1))
    first = asyncio.create_task(relay_events(relay.exchange))
    await until(lambda: relay.unsent() == 0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    take(relay.credit, penalty(1))
    second = asyncio.create_task(relay_events(relay.exchange))
    await until(lambda: relay.unsent() == 0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert faults_of(relay.events(), relay.written()) == []


# --- what breaks


async def test_a_lost_acknowledgement_numbers_nothing_twice(relay):
    take(relay.credit, registration(1), penalty(1))
    relay.line.loses = ACKNOWLEDGEMENTS
    with pytest.raises(httpx.ReadError):
        await carry(relay.exchange, relay.lease())
    numbered = relay.events()
    relay.line.loses = None
    take(relay.credit, registration(2))
    await carry(relay.exchange, relay.lease())
    assert numbered
    assert relay.events()[: len(numbered)] == numbered
    assert faults_of(relay.events(), relay.written()) == []
    assert relay.unsent() == 0


async def test_what_a_restored_exchange_has_lost_is_sent_again(relay):
    take(relay.credit, registration(1), batch=1)
    await carry(relay.exchange, relay.lease())
    kept = relay.events()
    take(relay.credit, registration(2), penalty(1), batch=70_000)
    await carry(relay.exchange, relay.lease())
    lost = relay.events()
    with relay.database.write("test") as session:  # a restore to the head of before
        session.connection().exec_driver_sql(f"DELETE FROM journal WHERE seq > {len(kept)}")
        session.connection().exec_driver_sql(f"UPDATE journal_head SET seq = {len(kept)}")
    relay.give_back()
    task = asyncio.create_task(relay_events(relay.exchange))
    await until(lambda: len(relay.events()) == len(lost))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert faults_of(relay.events(), relay.written()) == []
    # nor are its batches taken for older than those that it forgot
    with relay.database.write("test") as session:
        number = batches.next_number(session)
    assert number > 70_000
    [corrected] = take(relay.credit, penalty(1, fine="1.00"), batch=number)
    assert corrected["verdict"] == "accepted"


@pytest.mark.parametrize("others", [1, 500])  # few events are inserted, many are copied
async def test_a_clash_stops_the_relay_and_nothing_of_its_chunk_is_numbered(relay, others):
    take(relay.credit, registration(1))
    await carry(relay.exchange, relay.lease())
    with relay.database.write("test") as session:  # another event took the version that comes next
        session.connection().exec_driver_sql(
            f"UPDATE journal SET enterprise_version = 2, event_id = '{'f' * 32}' WHERE uscc = '{code_of(1)}' AND enterprise_version = 1"
        )
    before = relay.events()
    take(relay.credit, *(registration(number) for number in range(2, 2 + others)))
    take(relay.credit, registration(1, name="演示改名制造有限公司"))
    with pytest.raises(JournalClash):
        await carry(relay.exchange, relay.lease())
    assert relay.events() == before
    assert relay.unsent() > 0


async def test_another_failure_to_append_is_not_taken_for_a_clash(relay):
    take(relay.credit, registration(1), penalty(1))
    await carry(relay.exchange, relay.lease())
    with relay.database.write("test") as session:
        session.connection().exec_driver_sql("UPDATE journal_head SET seq = 0")
    take(relay.credit, registration(2))
    with pytest.raises(Exception, match=r"(?i)unique") as refused:
        await carry(relay.exchange, relay.lease())
    assert not isinstance(refused.value, JournalClash)


async def test_of_two_relays_that_come_first_at_once_one_waits_and_none_fails(relay):
    together = Barrier(2)

    def come(holder):
        together.wait()
        return relay.lease(holder)

    tokens = await asyncio.gather(asyncio.to_thread(come, "one"), asyncio.to_thread(come, "two"))
    assert sorted(tokens, key=str) == [1, None]


# --- many writers


async def test_many_writers_and_two_relays_keep_density_and_order(relay):
    def write(writer):
        for turn in range(6):
            numbers = [(writer + turn + step) % 5 for step in range(3)]
            take(relay.credit, *(registration(n, source=f"{writer}-{turn}-{n}") for n in numbers))

    first = asyncio.create_task(relay_events(relay.exchange))
    writers = [asyncio.create_task(asyncio.to_thread(partial(write, writer))) for writer in range(4)]
    second = asyncio.create_task(relay_events(relay.exchange))
    await asyncio.wait(writers, return_when=asyncio.FIRST_COMPLETED)
    first.cancel()  # while others still write, so that the second takes over
    await asyncio.gather(*writers)
    await until(lambda: relay.unsent() == 0)
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert len(relay.events()) >= 4 * 6 * 3
    assert faults_of(relay.events(), relay.written()) == []
