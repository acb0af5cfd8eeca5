"""Filling the databases truthfully: every record goes through credit's own intake, so that cards, facts and events are
what a push would have made of them; only HTTP is left out. The running relay then fills the journal."""

import multiprocessing
import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import msgspec
from rich.progress import Progress

from services.credit.service.context import Credit
from services.credit.service.intake import Page, take_page
from services.credit.settings import CreditSettings
from services.kernel.clock import shanghai_day, system_clock
from services.kernel.db import Database
from services.kernel.policy import AgencyFact, GrantFact, Policy
from tests.benchmarks import queries
from tests.benchmarks.deployment import PUSHER, SINCE, Place, agency_code
from tests.benchmarks.population import PAGE, PROVINCE, acts, registrations

SHARES = 2
"""Processes that fill PostgreSQL, each with firms of its own; SQLite has one writer."""
AGENCY = AgencyFact(
    f"{PUSHER}-{PROVINCE}", PUSHER, f"演示·{PUSHER}", "province", PROVINCE, None, agency_code(0), SINCE
)
POLICY = Policy(
    1, {"keys": []}, [AGENCY], [],
    [GrantFact("all", AGENCY.id, "push", "*", (PROVINCE,), ("public", "detail"), "测量", SINCE)], [],
)  # fmt: skip


def fill(place: Place, firms: int, records: int, progress: Progress) -> None:
    """Give credit so many firms and records, the registration of each firm among them; then let the database settle.

    Raises:
        RuntimeError: a process failed, or intake refused a record.
    """
    shares = 1 if place.is_sqlite else SHARES
    cuts = [firms * part // shares for part in range(shares + 1)]
    context = multiprocessing.get_context("spawn")
    done = context.Value("q", 0)
    processes = [
        context.Process(
            target=_fill_share,
            args=(place, part, range(cuts[part], cuts[part + 1]), (records - firms) // shares, done),
        )
        for part in range(shares)
    ]
    task = progress.add_task(f"{place.backend}: {firms:,} firms, {records:,} records", total=records)
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        time.sleep(0.2)
        progress.update(task, completed=done.value)
    if any(process.exitcode for process in processes):
        raise RuntimeError("the population could not be entered")
    progress.update(task, completed=done.value)
    queries.settle(place.credit_url)


def _fill_share(place: Place, part: int, firms: range, count: int, done: Any) -> None:
    settings = CreditSettings(
        database_url=place.credit_url, issuer="http://unused", secret=place.secrets.credit_secret,
        service_key=place.secrets.credit_key, exchange_keys="{}", exchange_url="http://unused",
    )  # fmt: skip
    credit = Credit(settings, system_clock, Database(place.credit_url, pool_size=1))
    today = shanghai_day(system_clock())
    lines = chain(registrations(firms, today), acts(firms, count, today, series=f"F{part}"))
    for number, body in enumerate(_pages(lines)):
        page = Page(f"prepared-{part}-{number}", 0, number, 0, body, "en")
        counts = msgspec.json.decode(take_page(credit, page, AGENCY, POLICY).counts)
        if counts["accepted"] != counts["total"]:
            raise RuntimeError(f"a synthetic record was not accepted: {counts}")
        with done.get_lock():
            done.value += counts["total"]
    credit.database.close()


def _pages(lines: Iterable[bytes]) -> Iterator[bytes]:
    source = iter(lines)
    while page := list(islice(source, PAGE)):
        yield b"\n".join(page) + b"\n"


def await_journal(place: Place, progress: Progress) -> None:
    """Wait until the journal holds every event."""
    left = queries.unsent(place.credit_url)
    task = progress.add_task(f"{place.backend}: {left:,} events into the journal", total=left)
    while (now := queries.unsent(place.credit_url)) > 0:
        progress.update(task, completed=left - now)
        time.sleep(0.5)
    progress.update(task, completed=left)
    queries.settle(place.exchange_url)
