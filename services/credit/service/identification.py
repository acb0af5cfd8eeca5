"""Whom the uncertain items of a page are about: remembered decisions first, then identifiers that are exact.

A page whose items all bear a known code and wait for nobody pays for one look at each. Candidates are not ranked here but
when somebody reads a held item, by what is known then.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from services.credit.domain.holding import HeldAction, HoldReason, question_of, sample_of
from services.credit.domain.identification import Sought, core_of, identify, plain_name, signature_of
from services.credit.service.confirmation import (
    confirm_producer,
    is_confirmed,
    needs_confirmation,
    producer_of,
)
from services.credit.service.reading import Item
from services.credit.service.statement import Statement, Subject
from services.credit.store import candidates, held_items
from services.credit.store.held_items import Remembered
from services.kernel import uscc
from services.kernel.db import AnySession, WriteSession

DENIED: Final = "producer_denied"
_OF_PRODUCT: Final = ("name", "brand", "model", "batch")
_OF_SAMPLE: Final = ("production_date", "serial_number")
_encode: Final = msgspec.json.Encoder().encode


class Judgement(msgspec.Struct):
    """What holds an item up, if anything does, the question that it asks, and the decisions that answered others."""

    hold: str | None = None
    question: str = ""
    subject_decision: str | None = None
    producer_decision: str | None = None
    is_identified: bool = False

    @property
    def reason(self) -> HoldReason:
        """Why the item waits."""
        is_subject = (
            self.hold == HoldReason.SUBJECT_UNCERTAIN if self.hold else self.producer_decision is None
        )
        return HoldReason.SUBJECT_UNCERTAIN if is_subject else HoldReason.PRODUCER_UNCONFIRMED

    @property
    def is_attributed(self) -> bool:
        """Whether the statement says more than the agency sent."""
        return self.is_identified or self.producer_decision is not None

    @property
    def is_decided(self) -> bool:
        """Whether a remembered decision let the item through."""
        return self.hold is None and bool(self.subject_decision or self.producer_decision)


def sought_of(subject: Subject, region: str) -> Sought:
    """What a subject says of itself, as the standards write it."""
    code = uscc.normalise(subject.organisation_code) if subject.organisation_code else None
    number = uscc.normalise(subject.registration_number) if subject.registration_number else None
    is_sound = code is not None and uscc.is_organisation_code(code)
    return Sought(code if is_sound else None, number, subject.name, region)


def subject_question(provider: str, statement: Statement) -> str:
    """The question whom a statement without a code is about."""
    sought = sought_of(statement.subject, str(statement.region))
    return question_of(provider, HoldReason.SUBJECT_UNCERTAIN, signature_of(sought))


def producer_question(provider: str, statement: Statement) -> str:
    """The question whether the named producer made these goods."""
    named, product = producer_of(statement), statement.product
    told = {name: getattr(product, name) for name in _OF_PRODUCT} if product else {}
    details = {name: getattr(statement.details, name, None) or None for name in _OF_SAMPLE}
    sample = sample_of(_identity(named), told, details, statement.document_number)
    parts = sample or (statement.kind, statement.source_record_id)
    return question_of(provider, HoldReason.PRODUCER_UNCONFIRMED, parts)


def _identity(subject: Subject) -> str:
    return subject.uscc or plain_name(subject.name or "")


class Questions:
    """The questions that the items of one page ask, with the answers that are remembered or certain."""

    def __init__(self, session: AnySession, provider: str, items: Iterable[Item]) -> None:
        self._session, self._provider = session, provider
        sound = [item for item in items if item.statement is not None]
        asking = [
            statement
            for item in sound
            if not item.is_plain
            and (statement := item.statement) is not None
            and (item.code is None or needs_confirmation(statement))
            and statement.operation != "withdraw"
        ]
        self._remembered: dict[str, Remembered] = {}
        self._codes: dict[str, str] = {}
        self._checks: dict[int, str] = {}
        if asking:
            self._answer(asking)
        codes = {item.code for item in sound}
        if None in codes:
            codes |= {self.code_of(each) for each in asking}
        self.codes = {code for code in codes if code is not None}
        """The codes of the enterprises into whose files the items go, as far as they are certain."""

    def _answer(self, asking: Sequence[Statement]) -> None:
        nameless = [statement for statement in asking if statement.subject.uscc is None]
        named = {subject_question(self._provider, each): each for each in nameless}
        checked = [each for each in asking if each.subject.uscc is not None]
        self._checks = {id(each): producer_question(self._provider, each) for each in checked}
        checks = [(self._checks[id(each)], is_confirmed(each)) for each in checked]
        # what is confirmed may have been denied, but leaves no question that anybody could be deciding just now
        open_checks = {question for question, confirmed in checks if not confirmed}
        if isinstance(self._session, WriteSession):
            held_items.lock_questions(self._session, {*named, *open_checks})
        asked = dict.fromkeys([*named, *(question for question, _ in checks)])
        self._remembered = held_items.remembered(self._session, list(asked))
        self._identify({key: each for key, each in named.items() if key not in self._remembered})
        # a check of an enterprise that only now has a code asks a second question; it is not locked, out of order as it is
        later = {
            producer_question(self._provider, statement_with(each, code))
            for each in nameless
            if needs_confirmation(each) and (code := self.code_of(each))
        }
        self._remembered |= held_items.remembered(self._session, sorted(later - asked.keys()))

    def _identify(self, open_: dict[str, Statement]) -> None:
        sought = {key: sought_of(each.subject, str(each.region)) for key, each in open_.items()}
        values = {
            value
            for each in sought.values()
            for value in (each.organisation_code, each.registration_number)
            if value
        }
        known = candidates.by_identifiers(self._session, values)
        for key, each in sought.items():
            found = identify(each, known)
            if found.uscc is not None:
                self._codes[key] = found.uscc

    def code_of(self, statement: Statement) -> str | None:
        """Whose file a statement goes to, None while that is not certain."""
        if statement.subject.uscc is not None or statement.operation == "withdraw":
            return statement.subject.uscc
        question = subject_question(self._provider, statement)
        decided = self._remembered.get(question)
        return decided.uscc if decided else self._codes.get(question)

    def judge(self, statement: Statement) -> Judgement:
        """Whether an item has to wait. What is known or decided is entered into the statement."""
        judged = Judgement()
        if statement.operation == "withdraw":
            return judged
        if statement.subject.uscc is None:
            question = subject_question(self._provider, statement)
            decided = self._remembered.get(question)
            statement.subject.uscc = self.code_of(statement)
            if statement.subject.uscc is None:
                return Judgement(HoldReason.SUBJECT_UNCERTAIN, question)
            judged.question, judged.is_identified = question, True
            judged.subject_decision = decided.id if decided else None
        if needs_confirmation(statement):
            self._judge_producer(statement, judged)
        return judged

    def _judge_producer(self, statement: Statement, judged: Judgement) -> None:
        # that of a statement with a code is worked out already; the page keeps its statements, so that each is known by its place
        question = self._checks.get(id(statement)) or producer_question(self._provider, statement)
        decided = self._remembered.get(question)
        if decided is not None or not is_confirmed(statement):
            judged.question = question
        if decided is not None and decided.action == HeldAction.DENY:
            judged.hold, judged.producer_decision = DENIED, decided.id
        elif not is_confirmed(statement):
            if decided is None:
                judged.hold = HoldReason.PRODUCER_UNCONFIRMED
            else:
                confirm_producer(statement)
                judged.producer_decision = decided.id


def statement_with(statement: Statement, code: str) -> Statement:
    """A statement about an enterprise that was found."""
    subject = msgspec.structs.replace(statement.subject, uscc=code)
    return msgspec.structs.replace(statement, subject=subject)


def attributed(canonical: bytes, statement: Statement) -> bytes:
    """A statement's public JSON with what identification and decisions entered into it."""
    shown: dict[str, Any] = msgspec.json.decode(canonical)
    shown["subject"] = msgspec.to_builtins(statement.subject)
    shown["parties"] = msgspec.to_builtins(statement.parties)
    return _encode(shown)


def ranked(session: AnySession, sought: Sought) -> list[dict[str, Any]]:
    """The candidates for a subject by what is known now, the likeliest first."""
    values = [value for value in (sought.organisation_code, sought.registration_number) if value]
    known = {each.uscc: each for each in candidates.by_identifiers(session, values)}
    if sought.name:
        core = core_of(sought.name)
        parts = [sought.name, plain_name(sought.name), core, core[:4], core[:2]]
        known |= {each.uscc: each for each in candidates.by_name(session, parts)}
    return [
        {"uscc": each.uscc, "name": each.name or each.uscc, "found_as": each.found_as or each.uscc, "region": each.region,
         "score": each.score, "reasons": list(each.reasons)}
        for each in identify(sought, known.values()).candidates
    ]  # fmt: skip
