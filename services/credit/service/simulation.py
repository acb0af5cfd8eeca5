"""What a rule book that does not grade yet would make of the whole population today."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import msgspec

from services.credit.domain.facts import Fact, fact_of_content
from services.credit.domain.mark import marked
from services.credit.domain.rules import RuleBook
from services.credit.domain.simulation import Simulation
from services.credit.service.context import Credit
from services.credit.service.marking import fallen_trace
from services.credit.service.regrading import grading_by
from services.credit.store import grading, marks, population, records
from services.credit.store.grading import Firms, Unstored
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession

CHUNK: Final = 5_000
Report = Callable[[int, int], None]
"""Told after each chunk: how many firms are done, and of how many."""


def simulate(
    credit: Credit, proposed: RuleBook, report: Report | None = None
) -> tuple[Simulation, RuleBook, date]:
    """Grade every enterprise by the active book and by a proposed one, as of today; also the active book and the day."""
    simulation, today, province = Simulation(), shanghai_day(credit.clock()), credit.settings.province
    with credit.database.read() as session:
        active, total = credit.rulebook(session), population.count(session)
    after = ""
    while True:
        with credit.database.read() as session:
            codes = population.codes_after(session, after, CHUNK)
            if not codes:
                return simulation, active, today
            firms = Firms(after=after, through=codes[-1])
            held = grading.letters_and_scores(session, grading_by(active, today, province), firms)
            asked = grading_by(proposed, today, province)
            unstored = unstored_facts(session, codes, stored_for=active, book=proposed)
            made = grading.letters_and_scores(session, asked, firms, unstored)
        proposals = {code: (letter, score) for code, letter, score in made}
        for code, letter, score in held:
            if code in proposals:  # a firm that came in between the two statements has no part in this
                simulation.take(code, (letter, score), proposals[code])
        after = codes[-1]
        if report:
            report(simulation.firms, max(total, simulation.firms))


def unstored_facts(
    session: AnySession, codes: Sequence[str], *, stored_for: RuleBook, book: RuleBook
) -> Unstored:
    """The facts of kinds that only this book scores, and which are therefore not stored: derived from the records
    themselves under the marks of their remedies."""
    kinds = sorted(set(book.choices) - set(stored_for.choices))
    stated = list(population.records_of(session, codes, kinds))
    held = marks.read(session, [record_id for _, record_id, _ in stated])
    found: list[tuple[str, Fact]] = []
    for code, record_id, content in stated:
        fact = fact_of_content(msgspec.json.decode(content), record_id)
        found.append((code, marked(fact, held.get(record_id))))
    if kinds:
        for code, record_id, said, withdrawal in records.fallen(session, codes):
            trace = fallen_trace(record_id, said, withdrawal)
            if trace is not None and trace.kind in kinds:
                found.append((code, trace))
    return Unstored(kinds, found)
