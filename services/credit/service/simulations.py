"""Simulations as resources: asked for by an agency, worked on in the background, read while they run."""

from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

import msgspec

from services.credit.domain.rulebook import parse_rulebook
from services.credit.service.context import Credit
from services.credit.service.simulation import simulate
from services.credit.store import simulations
from services.credit.store.simulations import StoredSimulation

STALE_AFTER: Final = timedelta(seconds=60)
"""A simulation that nobody worked on for so long is taken up by another process."""


class SimulationState(StrEnum):
    """How far a simulation has come (试算状态)."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"


class KeyReused(Exception):  # noqa: N818 - a refusal: the key was used for another text
    """The idempotency key was used with another text."""


def request(credit: Credit, agency: str, key: str, text: str) -> StoredSimulation:
    """The simulation of a text that an agency asks for under an idempotency key; asked again, the same one.

    Raises:
        RuleBookError: the text is no sound rule book.
        KeyReused: the key was used with another text.
    """
    book = parse_rulebook(text)
    simulation_id = blake2b(f"{agency}\x1f{key}".encode(), digest_size=16).hexdigest()
    with credit.database.write("credit.simulation_requested") as session:
        held = simulations.find(session, simulation_id)
        if held is None:
            asked = StoredSimulation(
                simulation_id,
                agency,
                text,
                book.digest,
                SimulationState.PENDING,
                credit.clock(),
                None,
                0,
                0,
                None,
            )
            simulations.enter(session, asked)
            return asked
    if held.digest != book.digest:
        raise KeyReused
    return held


def work(credit: Credit) -> bool:
    """Carry out the next simulation that waits; whether there was one."""
    stale = credit.clock() - STALE_AFTER
    with credit.database.read() as reading:  # nothing is written while nothing waits
        if simulations.waiting(reading, stale) is None:
            return False
    with credit.database.write("credit.simulation_claimed") as session:
        claimed = simulations.waiting(session, stale, locked=True)
        if claimed is None:
            return False
        simulations.beat(session, claimed.id, credit.clock(), done=0, total=0)

    def report(done: int, total: int) -> None:
        with credit.database.write("credit.simulation_advanced") as session:
            simulations.beat(session, claimed.id, credit.clock(), done=done, total=total)

    result, active, today = simulate(credit, parse_rulebook(claimed.text), report)
    told: dict[str, Any] = {"active": active.id, "on": today, **result.told()}
    with credit.database.write("credit.simulation_completed") as session:
        simulations.complete(
            session, claimed.id, result=msgspec.json.encode(told).decode(), firms=result.firms
        )
    return True
