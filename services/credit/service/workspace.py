"""The enterprises that one transaction has locked: their states and facts, changed in memory and written at its end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import is_
from typing import Any, Final

from services.credit.domain.act import Link, tied
from services.credit.domain.facts import Fact
from services.credit.domain.grade import UNRATED, Grade
from services.credit.domain.rules import RuleBook
from services.credit.service.cards import CardState, Holder, grade_on, make_card
from services.credit.service.stored_facts import facts_text, read_facts
from services.credit.store.aliases import ORGANISATION_CODE, REGISTRATION_NUMBER, Alias
from services.credit.store.enterprises import EnterpriseState, Naming
from services.kernel.clock import to_wire
from services.kernel.outbox import render_event
from services.kernel.uscc import normalise, organisation_code_of

PRECOMPUTED: Final = timedelta(days=3)
"""How far ahead the grade after the next change is rendered; the daily roll does it for the others in time, and a
read beyond what is rendered computes."""

_TICK: Final = timedelta(microseconds=1)
instant_text: Final = lru_cache(maxsize=256)(to_wire)
"""An instant as text. Few of them are told: a page has one, and its later changes of an enterprise follow closely."""


@dataclass(slots=True)
class Firm:
    """One locked enterprise at work."""

    state: EnterpriseState
    letter: str | None
    is_changed: bool = False
    events: list[tuple[str, int, bytes]] = field(default_factory=list)
    namings: list[Naming] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    _stored: Sequence[Fact] = ()
    _facts: dict[str, Fact] | None = None
    _put: dict[str, Fact] = field(default_factory=dict)

    @classmethod
    def known(cls, state: EnterpriseState, letter: str | None) -> "Firm":
        """An enterprise that has a file already."""
        return cls(state, letter)

    @classmethod
    def unknown(cls, uscc: str, region: str, now: datetime) -> "Firm":
        """An enterprise that gets its file now; until it is named, its code stands for its name."""
        return cls(EnterpriseState(uscc, "", region, False, 0, now - _TICK, b"[]", is_new=True), None)

    @property
    def facts(self) -> dict[str, Fact]:
        """The facts of the file by record, read when they are first asked for."""
        if self._facts is None:
            self._stored = read_facts(self.state.facts)
            self._facts = {fact.record_id: fact for fact in self._stored}
            self._facts.update(self._put)
        return self._facts

    def put(self, record_id: str, fact: Fact) -> None:
        """Enter the fact of a record, for which the others need not be read."""
        (self._put if self._facts is None else self._facts)[record_id] = fact

    def tie(self) -> None:
        """Lay the links that people made over the facts; what former ones did is undone."""
        self._facts = tied(self.facts, self.links)

    def tick(self, now: datetime) -> datetime:
        """The instant at which the next change of this enterprise is recorded: strictly after its last."""
        self.is_changed = True
        self.state.recorded_at = max(now, self.state.recorded_at + _TICK)
        return self.state.recorded_at

    def emit(
        self, type_: str, recorded_at: datetime, *, provider: str | None, data: Any, **header: Any
    ) -> None:
        """Record one event: the enterprise's version rises by one with it."""
        self.state.version += 1
        self.is_changed = True
        _, event = render_event(
            type_=type_, uscc=self.state.uscc, enterprise_version=self.state.version, provider=provider,
            recorded_at=instant_text(recorded_at), data=data, **header,
        )  # fmt: skip
        self.events.append((self.state.uscc, self.state.version, event))

    def take_name(self, name: str | None, recorded_at: datetime, *, from_register: bool) -> None:
        """Learn a name. The register's word prevails; another source only names a firm that has no name yet."""
        state = self.state
        if name and name != state.name and (from_register or not (state.registered or state.name)):
            state.name = name
            self.namings.append(Naming(state.uscc, name, recorded_at))
        state.registered = state.registered or from_register

    def take_identifiers(self, *, registration_number: str | None, organisation_code: str | None) -> None:
        """Learn other identifiers; the organisation code that stands in the code itself is no news."""
        if registration_number:
            self.aliases.append(Alias(self.state.uscc, REGISTRATION_NUMBER, normalise(registration_number)))
        plain = normalise(organisation_code) if organisation_code else ""
        if plain and plain != organisation_code_of(self.state.uscc):
            self.aliases.append(Alias(self.state.uscc, ORGANISATION_CODE, plain))

    def regrade(
        self, book: RuleBook, today: date, province: str, now: datetime, *, provider: str | None, cause: str
    ) -> CardState:
        """Grade the enterprise as it stands now; a changed letter is an event of its own, the first one that is not
        `unrated` included."""
        if self.links:
            self.tie()
        state, facts = self.state, list(self.facts.values())
        result = grade_on(state.uscc, facts, book, today, province=province)
        self.tell_of_letter(result.letter, result.score, book, now, provider=provider, cause=cause)
        return self._card(result, book, today, province)

    def tell_of_letter(
        self,
        letter: str,
        score: int | None,
        book: RuleBook,
        now: datetime,
        *,
        provider: str | None,
        cause: str,
    ) -> None:
        """Take a letter; one that differs from before is an event."""
        before = self.letter or UNRATED
        if letter != before:
            told = {"from": before, "to": letter, "score": score, "rulebook": book.id, "cause": cause}
            self.emit(
                "grade_changed", self.tick(now), provider=provider, data=told, kind=None, region=self.state.region,
                record_id=None, record_version=None,
            )  # fmt: skip
        self.letter = letter

    def _card(self, result: Grade, book: RuleBook, today: date, province: str) -> CardState:
        state, facts = self.state, list(self.facts.values())
        change = result.next_change_on
        is_near = change is not None and change <= today + PRECOMPUTED
        following = (
            grade_on(state.uscc, facts, book, change, province=province) if change and is_near else None
        )
        self._store(facts)
        holder = Holder(state.uscc, state.name or state.uscc, state.version, state.successors)
        return make_card(holder, result, following, today, book, province)

    def _store(self, facts: list[Fact]) -> None:
        """Write the facts as they are stored; where those that were read are still the first, the others are appended."""
        known, state = len(self._stored), self.state
        if known and len(facts) >= known and all(map(is_, self._stored, facts)):
            if len(facts) > known:
                state.facts = b"%b,%b" % (state.facts[:-1], facts_text(facts[known:])[1:])
        else:
            state.facts = facts_text(facts)
        self._stored = facts

    def card_row(
        self, book: RuleBook, today: date, province: str, now: datetime, *, provider: str | None, cause: str
    ) -> tuple[Any, ...]:
        """The card after a regrade, in the order of the table's columns."""
        return self._row(book, self.regrade(book, today, province, now, provider=provider, cause=cause))

    def _row(self, book: RuleBook, card: CardState) -> tuple[Any, ...]:
        return (
            self.state.uscc, book.id, card.letter, card.score, card.valid_from, card.next_change_on, card.next_until,
            card.body.decode(), card.next_body.decode() if card.next_body else None,
        )  # fmt: skip
