"""Activating a rule book: proposed and confirmed by two officers, its cards built aside, one pointer flipped.

While the cards are built, pushes go on and grade by the active book. What they change is caught up with, again and
again, and for the last time in the transaction that flips the pointer, which keeps every enterprise as it is meanwhile;
lookups are answered throughout. That transaction also tells of each letter that the new book changes.
"""

from datetime import date, datetime
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
from services.credit.service.simulation import Report, facts_under
from services.credit.service.workspace import Firm
from services.credit.store import activations, cards, enterprises, outbox, population, rulebooks
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession, WriteSession

CHUNK: Final = 500
FEW: Final = 200
"""Catching up without the lock ends when so few enterprises are left, or after some rounds."""
_ROUNDS: Final = 5


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
    for _ in range(_ROUNDS):
        with credit.database.read() as session:
            _, _, new = _building(credit, session)
            behind = population.behind(session, new.id)
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
            *population.behind(session, new.id),
            *cards.due(session, new.id, today, population.count(session)),
        }
        for place in range(0, len(late), CHUNK):
            _make_cards(credit, session, sorted(late)[place : place + CHUNK], active, new, now)
        changed = population.with_other_letter(session, active.id, new.id)
        for place in range(0, len(changed), CHUNK):
            _tell(credit, session, changed[place : place + CHUNK], active, new, now)
        rulebooks.point_to(session, new.id, now)
        activations.complete(session, under_way.no, now)
    return Activated(active.id, new.id, len(changed))


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


def _firms(
    session: WriteSession, codes: list[str], active: RuleBook, new: RuleBook, letters: dict[str, str]
) -> list[Firm]:
    """Enterprises, locked, with the facts that either book looks at."""
    enterprises.lock(session, codes)
    states = enterprises.read(session, codes)
    facts = facts_under(session, states, stored_for=active, book=new)
    firms = []
    for code, state in states.items():
        firm = Firm.known(state, letters.get(code))
        firm.facts = {fact.record_id: fact for fact in facts[code]}
        firms.append(firm)
    return firms


def _make_cards(
    credit: Credit, session: WriteSession, codes: list[str], active: RuleBook, new: RuleBook, now: datetime
) -> None:
    firms = _firms(session, codes, active, new, {})
    today, province = shanghai_day(now), credit.settings.province
    known = cards.letters(session, codes, new.id)
    cards.write(session, [firm.card_aside(new, today, province) for firm in firms], known=known)
    if set(new.choices) - set(active.choices):
        enterprises.write(
            session, [firm.state for firm in firms]
        )  # facts of kinds that only the new book scores


def _tell(
    credit: Credit, session: WriteSession, codes: list[str], active: RuleBook, new: RuleBook, now: datetime
) -> None:
    """Tell of letters that the new book changes: an event each, and the card with the version that it makes."""
    firms = _firms(session, codes, active, new, cards.letters(session, codes, active.id))
    today, province = shanghai_day(now), credit.settings.province
    rows = [firm.card_row(new, today, province, now, provider=None, cause="rulebook") for firm in firms]
    enterprises.write(session, [firm.state for firm in firms])
    cards.write(session, rows, known=codes)
    outbox.append(session, [event for firm in firms for event in firm.events])
