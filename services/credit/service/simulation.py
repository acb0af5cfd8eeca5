"""What a rule book that does not grade yet would make of the whole population today."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

import msgspec

from services.credit.domain.facts import Fact, fact_of_content
from services.credit.domain.mark import marked
from services.credit.domain.rules import RuleBook
from services.credit.domain.simulation import Simulation
from services.credit.service.cards import grade_on
from services.credit.service.context import Credit
from services.credit.service.marking import fallen_trace
from services.credit.service.workspace import read_facts
from services.credit.store import enterprises, marks, population, records
from services.credit.store.enterprises import EnterpriseState
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession

CHUNK: Final = 1_000
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
            states = enterprises.read(session, codes)
            facts = facts_under(session, states, stored_for=active, book=proposed)
        if not codes:
            return simulation, active, today
        for code in codes:
            held = facts[code]
            simulation.take(
                code,
                grade_on(code, held, active, today, province=province),
                grade_on(code, held, proposed, today, province=province),
            )
        after = codes[-1]
        if report:
            report(simulation.firms, max(total, simulation.firms))


def facts_under(
    session: AnySession, states: Mapping[str, EnterpriseState], *, stored_for: RuleBook, book: RuleBook
) -> dict[str, list[Fact]]:
    """The facts of enterprises that a book looks at: as they are stored for another book, and, of kinds that only this
    one scores, derived from the records themselves under the marks of their remedies."""
    found = {
        code: {fact.record_id: fact for fact in read_facts(state.facts)} for code, state in states.items()
    }
    missing = sorted(set(book.choices) - set(stored_for.choices))
    stated = list(population.records_of(session, list(states), missing))
    held = marks.read(session, [record_id for _, record_id, _ in stated])
    for code, record_id, content in stated:
        fact = fact_of_content(msgspec.json.decode(content), record_id)
        found[code][record_id] = marked(fact, held.get(record_id))
    if missing:
        for code, record_id, said, withdrawal in records.fallen(session, list(states)):
            trace = fallen_trace(record_id, said, withdrawal)
            if trace is not None and trace.kind in missing:
                found[code][record_id] = trace
    return {code: list(facts.values()) for code, facts in found.items()}
