"""A large push that is interrupted again and again, and how much memory each process took for it.

The file is written as it is counted, so that a million records need no more memory here than a hundred. Every process
is measured from when it is ready, against what it took then; a client, against what it took while it had not opened
the file yet.
"""

import os
import random
import subprocess
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
from sqlalchemy import create_engine, text

from services.kernel.clock import shanghai_day, system_clock
from services.kernel.db import normalised
from tests.acceptance.deployment import ZHIXIN, clean_environment
from tests.benchmarks.population import acts

FIRMS_SHARE = 10
SAMPLE_SECONDS = 0.1
BOUND_MB = 200
ATTEMPTS = 40


@dataclass
class Taken:
    """The resident memory of one process in MB: when it was first looked at, and at most."""

    idle: float
    peak: float

    @property
    def over_idle(self) -> float:
        return self.peak - self.idle


@dataclass
class Interrupted:
    """What a push went through: deaths in order, the lives of each kind of process, the seconds that it took."""

    deaths: list[str] = field(default_factory=list)
    lives: dict[str, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    seconds: float = 0.0
    answer: dict = field(default_factory=dict)

    def worst(self) -> dict[str, Taken]:
        """By kind of process the life that took most over idle."""
        return {name: max(lives, key=lambda life: life.over_idle) for name, lives in self.lives.items()}


class MemoryWatch(threading.Thread):
    """Looks at processes until it is ended."""

    def __init__(self, lives) -> None:
        super().__init__(daemon=True)
        self.lives, self.watched, self.ended = lives, {}, threading.Event()

    def begin(self, name, process) -> None:
        """Watch a process from now on; what it takes now is its idle state."""
        now = resident_mb(process.pid)
        self.watched[process.pid] = life = Taken(now, now)
        self.lives[name].append(life)

    def run(self) -> None:
        while not self.ended.wait(SAMPLE_SECONDS):
            for pid, life in list(self.watched.items()):
                life.peak = max(life.peak, resident_mb(pid))


def resident_mb(pid) -> float:
    """What a process holds in memory; 0 when it is over."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def write_file(path, records) -> None:
    """So many records on a tenth as many firms, one JSON line each."""
    firms = range(max(1, records // FIRMS_SHARE))
    with path.open("wb") as file:
        file.writelines(
            line + b"\n" for line in acts(firms, records, shanghai_day(system_clock()), series="bulk")
        )


class InterruptedPush:
    """One file pushed by `zhixin agency push`, while clients and services are killed at random and started again."""

    def __init__(self, deployment, agency, file, records, deaths, seed) -> None:
        self.deployment, self.agency, self.file, self.records = deployment, agency, file, records
        self.dice, self.deaths_left = random.Random(seed), deaths
        self.receipt, self.verdicts = file.with_suffix(".jws"), file.with_suffix(".verdicts")
        self.went = Interrupted()
        self.watch = MemoryWatch(self.went.lives)
        self._deaths_at_upload = 0

    def run(self) -> Interrupted:
        began = time.monotonic()
        for process in self.deployment.processes:
            self.watch.begin(process.name, process.running)
        self.watch.start()
        try:
            self._push()
        finally:
            self.watch.ended.set()
            self.watch.join()
        self.went.seconds = time.monotonic() - began
        return self.went

    def _push(self) -> None:
        for _ in range(ATTEMPTS):
            client = self._client()
            self._interrupt(client)
            output, errors = client.communicate()
            self._revive()
            if client.returncode == 0:
                self.went.answer = msgspec.json.decode(output)
                return
        raise AssertionError(f"the push did not end: {errors}")

    def _client(self):
        client = subprocess.Popen(
            [ZHIXIN, "agency", "push", self.file, "--idempotency-key", "bulk", "--receipt", self.receipt, "--verdicts", self.verdicts, "--json"],
            env=clean_environment() | self.agency.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        while resident_mb(client.pid) < 30 and client.poll() is None:
            time.sleep(0.02)  # it is still loading itself
        time.sleep(0.3)
        self.watch.begin("client", client)
        return client

    def _interrupt(self, client) -> None:
        """While the client works, kill something at a random place of what is left of the push."""
        while self.deaths_left and client.poll() is None:
            place = self._progress()
            if place is None and self._deaths_at_upload >= 2:
                self._await_progress(client, 0.001)
                continue
            if place is None:  # still being uploaded
                self._deaths_at_upload += 1
                threading.Event().wait(self.dice.uniform(0.05, 0.6))
            else:
                self._await_progress(
                    client, self.dice.uniform(place, min(0.98, place + 1.6 * (1 - place) / self.deaths_left))
                )
            if client.poll() is not None:
                return
            self.deaths_left -= 1
            victim = self.dice.choice(["client", *(process.name for process in self.deployment.processes)])
            self.went.deaths.append(
                f"{victim} at {'upload' if place is None else f'{self._progress() or place:.0%}'}"
            )
            if victim == "client":
                client.kill()
                return
            self.deployment.process_of(victim).kill()
            self._revive()

    def _revive(self) -> None:
        down = [process for process in self.deployment.processes if not process.is_up]
        self.deployment.start()
        for process in down:
            self.watch.begin(process.name, process.running)

    def _await_progress(self, client, share) -> None:
        while client.poll() is None:
            place = self._progress()
            if place is not None and place >= share:
                return
            time.sleep(0.02)  # such a push is over in two seconds

    def _progress(self) -> float | None:
        """The share of the verdicts that is there, as the platform tells it; None before the batch exists."""
        try:
            with self.agency.http("exchange") as http:
                newest = http.get("/v1/batches", params={"limit": 1}).raise_for_status().json()["items"]
                if not newest or newest[0]["idempotency_key"] != "bulk":
                    return None
                counts = http.get(f"/v1/batches/{newest[0]['id']}").raise_for_status().json()["counts"]
        except (httpx.HTTPError, AssertionError):
            return None
        return sum(count or 0 for name, count in counts.items() if name != "total") / self.records


def counted(url, statement):
    """One row of a database."""
    engine = create_engine(normalised(url))
    try:
        with engine.connect() as connection:
            return tuple(connection.execute(text(statement)).one())
    finally:
        engine.dispose()
