"""Activating a rule book: proposed and confirmed by two officers, its cards built aside, one pointer flipped.

While the cards are built, pushes go on and grade by the active book. What they change is caught up with, again and
again, and for the last time in the transaction that flips the pointer, which keeps every enterprise as it is meanwhile;
lookups are answered throughout. That transaction also tells of each letter that the new book changes.
"""

from datetime import date, datetime
from time import sleep
from typing import Final, NamedTuple

from services.credit.domain.activation import (
    ActivationRefused,
    ActivationState,
    ActivationStep,
    Standing,
    next_step,
    officer_of,
)
from services.credit.domain.rulebook import parse_rulebook
from services.credit.domain.rules import RuleBook
from services.credit.service.context import Credit
from services.credit.service.regrading import grading_by, members_of_card
from services.credit.service.simulation import Report, unstored_facts
from services.credit.service.stored_facts import facts_text, read_facts
from services.credit.service.workspace import Firm
from services.credit.store import activations, cards, enterprises, grading, outbox, population, rulebooks
from services.credit.store.enterprises import EnterpriseState
from services.credit.store.grading import Firms
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession, WriteSession

CHUNK: Final = 2_000
FEW: Final = 200
"""Catching up without the lock ends when so few enterprises are left, or after some rounds."""
_ROUNDS: Final = 5
GIVEN_WAY: Final = 0.02
"""Seconds between two chunks, so that pushes that wait to write come in; SQLite's one writer is taken by who asks first."""


class Activated(NamedTuple):
    """What came of an activation: the book before, the new one, and how many letters changed."""

    before: str
    after: str
    changed: int


def ask(credit: Credit, text: str, officer: str) -> ActivationStep:
    """An officer asks to activate a text: the first proposes it, another confirms it.

    Raises:
        RuleBookError: the text is no sound rule book.
        ActivationRefused: the word does not count, or the book is not valid today.
    """
    book, now = parse_rulebook(text), credit.clock()
    officer_of(officer)
    today = shanghai_day(now)
    if not book.valid_from <= today <= (book.valid_until or date.max):
        raise ActivationRefused("not_valid_today")
    with credit.database.write("credit.rulebook_asked") as session:
        activations.lock(session)
        held = rulebooks.find(session, book.id)
        if held is not None and held.digest != book.digest:
            raise ActivationRefused("released_already")
        under_way = activations.under_way(session)
        step = next_step(
            _standing(session, under_way),
            officer=officer,
            digest=book.digest,
            is_active=bool(held and held.active),
        )
        if step is ActivationStep.PROPOSE:
            if held is None:
                rulebooks.enter(session, book.id, digest=book.digest, source=text)
            activations.propose(session, book.id, officer.strip(), now)
        elif step is ActivationStep.CONFIRM and under_way is not None:
            activations.confirm(session, under_way.no, officer.strip(), now)
    return step


def withdraw(credit: Credit, officer: str) -> str:
    """End the activation under way; cards that were built aside are removed. Answers the book's id.

    Raises:
        ActivationRefused: there is none.
    """
    officer_of(officer)
    with credit.database.write("credit.rulebook_withdrawn") as session:
        activations.lock(session)
        under_way = activations.under_way(session)
        if under_way is None:
            raise ActivationRefused("nothing_under_way")
        activations.withdraw(session, under_way.no)
        cards.remove(session, under_way.rulebook)
    return under_way.rulebook


def build(credit: Credit, report: Report | None = None) -> None:
    """Make the cards of the confirmed book beside the active one's, from where an interrupted build stopped, and catch up
    with what pushes changed meanwhile."""
    with credit.database.read() as session:
        total = population.count(session)
    done = 0
    while codes := _build_next(credit):
        done += codes
        if report:
            report(done, max(total, done))
        sleep(GIVEN_WAY)
    for _ in range(_ROUNDS):
        with credit.database.read() as session:
            _, active, new = _building(credit, session)
            behind = population.behind(session, new.id, active.id)
        for place in range(0, len(behind), CHUNK):
            with credit.database.write("credit.rulebook_caught_up") as session:
                _, active, new = _building(credit, session)
                _make_cards(credit, session, behind[place : place + CHUNK], active, new, credit.clock())
        if len(behind) <= FEW:
            return


def switch(credit: Credit) -> Activated:
    """Let the built book grade from now on; each changed letter is an event with the cause `rulebook`."""
    with credit.database.write("credit.rulebook_activated") as session:
        population.lock_all(session)
        now = credit.clock()
        today = shanghai_day(now)
        under_way, active, new = _building(credit, session)
        late = {
            *population.behind(session, new.id, active.id),
            *cards.due(session, new.id, today, population.count(session)),
        }
        _make_cards(credit, session, sorted(late), active, new, now)
        changed = _tell(session, active, new, now)
        rulebooks.point_to(session, new.id, now)
        activations.complete(session, under_way.no, now)
    return Activated(active.id, new.id, changed)


def _standing(session: AnySession, under_way: activations.StoredActivation | None) -> Standing | None:
    if under_way is None:
        return None
    digest = rulebooks.digest_of(session, under_way.rulebook) or ""
    return Standing(ActivationState(under_way.state), digest, under_way.proposed_by, under_way.confirmed_by)


def _building(credit: Credit, session: AnySession) -> tuple[activations.StoredActivation, RuleBook, RuleBook]:
    under_way = activations.under_way(session)
    if under_way is None or under_way.state != ActivationState.BUILDING:
        raise ActivationRefused("nothing_confirmed")
    return under_way, credit.rulebook(session), credit.rulebook_named(session, under_way.rulebook)


def _build_next(credit: Credit) -> int:
    """Make the cards of the next enterprises; answers of how many."""
    with credit.database.write("credit.rulebook_cards_built") as session:
        under_way, active, new = _building(credit, session)
        codes = population.codes_after(session, under_way.built_through, CHUNK)
        if codes:
            _make_cards(credit, session, codes, active, new, credit.clock())
            activations.advance(session, under_way.no, codes[-1])
    return len(codes)


def _make_cards(
    credit: Credit, session: WriteSession, codes: list[str], active: RuleBook, new: RuleBook, now: datetime
) -> None:
    """The cards of enterprises by the new book, in one statement; what it looks at first is learnt from the records."""
    if not codes:
        return
    province = credit.settings.province
    if set(new.choices) - set(active.choices):
        _learn(session, codes, active, new)
    asked, form = grading_by(new, shanghai_day(now), province), members_of_card(new, province)
    grading.write_cards(session, asked, form, Firms(codes), instead_of=active.id)


def _learn(session: WriteSession, codes: list[str], active: RuleBook, new: RuleBook) -> None:
    """Store the facts of kinds that only the new book scores."""
    enterprises.lock(session, codes)
    states = enterprises.read(session, codes)
    unstored = unstored_facts(session, codes, stored_for=active, book=new)
    held = {
        code: [fact for fact in read_facts(state.facts) if fact.kind not in unstored.kinds]
        for code, state in states.items()
    }
    for code, fact in unstored.facts:
        held[code].append(fact)
    for code, state in states.items():
        state.facts = facts_text(held[code])
    enterprises.write(session, list(states.values()))


def _tell(session: WriteSession, active: RuleBook, new: RuleBook, now: datetime) -> int:
    """Tell of each letter that the new book changes by an event; the card bears the version that it makes already."""
    changed = population.with_other_letter(session, active.id, new.id)
    told, events = [], []
    for each in changed:
        state = EnterpriseState(each.uscc, "", each.region, False, each.version, each.recorded_at, b"[]")
        firm = Firm.known(state, each.before)
        firm.tell_of_letter(each.after, each.score, new, now, provider=None, cause="rulebook")
        told.append(each._replace(recorded_at=state.recorded_at))
        events += firm.events
    outbox.append(session, events)
    population.advance(session, told)
    return len(changed)
