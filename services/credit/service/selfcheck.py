"""Checking credit's whole database: derived things must equal what they derive from (invariants I1, I4)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import text

from services.credit.domain.act import tied
from services.credit.domain.facts import Fact, fact_of_content
from services.credit.domain.mark import UNMARKED, Mark, mark_of, marked
from services.credit.domain.product import identity_of_content
from services.credit.domain.rulebook import parse_rulebook
from services.credit.domain.rules import RuleBook
from services.credit.service.cards import Holder, grade_on, render
from services.credit.service.marking import bearing_of, fallen_trace, shown_of
from services.credit.service.stored_facts import read_facts
from services.credit.store import (
    act_links,
    held_items,
    marks,
    records,
    remedies,
    restructurings,
    rulebooks,
)
from services.credit.tables import RemedyCase
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession, Database

_RECORDS: Final = (
    "SELECT r.uscc, r.record_id, v.content FROM record r"
    " JOIN record_version v ON v.record_id = r.record_id AND v.version = r.current_version ORDER BY r.uscc"
)
_FIRMS: Final = (
    "SELECT e.uscc, e.name, e.version, e.facts, e.succeeded_by, c.valid_from, c.next_change_on,"
    " c.body, c.next_body, c.letter, c.score FROM enterprise e"
    " LEFT JOIN card c ON c.uscc = e.uscc AND c.rulebook = :book WHERE e.version > 0 ORDER BY e.uscc"
)
_PRODUCTS: Final = (
    "SELECT r.record_id, r.product_id, p.id, r.current_version, v.content FROM record r"
    " LEFT JOIN record_version v ON v.record_id = r.record_id AND v.version = r.current_version"
    " LEFT JOIN product p ON p.id = r.product_id"
)
_EVENTS: Final = (
    "SELECT e.uscc FROM enterprise e LEFT JOIN outbox o ON o.uscc = e.uscc WHERE e.version > 0"
    " GROUP BY e.uscc, e.version HAVING coalesce(sum(o.events), 0) <> e.version"
    " OR coalesce(max(o.enterprise_version + o.events - 1), 0) <> e.version"
)
_DECISIONS: Final = (
    "SELECT d.id FROM grade_decision d LEFT JOIN remedy_step s ON s.case_id = d.id"
    " LEFT JOIN remedy_step latest ON latest.case_id = d.id AND latest.no = d.version"
    " GROUP BY d.id, d.version, d.state, latest.state"
    " HAVING count(s.no) <> d.version OR coalesce(latest.state, '') <> d.state"
)


def check_credit(database: Database, now: datetime, province: str) -> list[str]:
    """What does not hold, a line each; empty when all does."""
    with database.read() as session:
        book = parse_rulebook(rulebooks.text_of(session, rulebooks.active_id(session)))
        findings = [
            f"{uscc}: events do not match the version"
            for (uscc,) in session.connection().execute(text(_EVENTS))
        ]
        findings += _check_products(session)
        findings += [
            f"{decision}: the grade decision is not what its steps say"
            for (decision,) in session.connection().execute(text(_DECISIONS))
        ]
        findings += [f"{record}: is not what the queue says" for record in held_items.disagreeing(session)]
        held_marks = marks.every(session)
        findings += _check_marks(session, held_marks)
        stated = _facts_by_firm(
            session, book, {record_id: mark for record_id, (mark, _) in held_marks.items()}
        )
        pointers = restructurings.every_pointer(session)
        for row in session.connection().execute(text(_FIRMS), {"book": book.id}):
            if row[4] != pointers.get(row[0]):
                findings.append(f"{row[0]}: points to others than its restructurings say")
            findings += _check_firm(row, stated.pop(row[0], []), book, shanghai_day(now), province)
    return findings + [f"{uscc}: records without an enterprise" for uscc in stated]


def _check_products(session: AnySession) -> Iterator[str]:
    """Each record in force names the product that it speaks of, and no other record names any."""
    for record_id, named, found, current, content in session.connection().execute(text(_PRODUCTS)):
        identity = None
        if current is not None and '"product":{' in content:
            identity = identity_of_content(msgspec.json.decode(content))
        if named != (identity.id if identity else None):
            yield f"{record_id}: the product is not the one that it speaks of"
        if named != found:
            yield f"{record_id}: its product is not entered"


def _check_marks(session: AnySession, held: Mapping[str, tuple[Mark, str | None]]) -> Iterator[str]:
    """The mark of each record is what its cases say."""
    cases: dict[str, list[RemedyCase]] = {}
    for case in remedies.every(session):
        cases.setdefault(case.record_id, []).append(case)
    for record_id in sorted(held.keys() | cases.keys()):
        of_record = cases.get(record_id, [])
        mark, shown = held.get(record_id, (UNMARKED, None))
        if mark != mark_of(bearing_of(case) for case in of_record):
            yield f"{record_id}: the mark is not what its remedies say"
        if shown != shown_of(mark, of_record):
            yield f"{record_id}: what is shown of its remedies is not what they are"


def _facts_by_firm(session: AnySession, book: RuleBook, held: dict[str, Mark]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for uscc, record_id, content in session.connection().execute(text(_RECORDS)):
        record = msgspec.json.decode(content)
        facts = found.setdefault(uscc, [])
        if record["kind"] in book.choices:
            facts.append(marked(fact_of_content(record, record_id), held.get(record_id)))
    for uscc, record_id, stated, withdrawal in records.fallen(session):
        trace = fallen_trace(record_id, stated, withdrawal)
        if trace is not None and trace.kind in book.choices:
            found.setdefault(uscc, []).append(trace)
    for uscc, links in act_links.every(session).items():
        held_facts = {fact.record_id: fact for fact in found.get(uscc, [])}
        found[uscc] = list(tied(held_facts, links).values())
    return found


def _check_firm(row: Any, stated: list[Fact], book: RuleBook, today: date, province: str) -> Iterator[str]:
    uscc, name, version, stored, succeeded_by, valid_from, next_change_on, body, next_body, letter, score = (
        row
    )
    held = read_facts(stored)
    # a book whose cards are being built may look at more kinds than the active one
    scored = [fact for fact in held if fact.kind in book.choices]
    if sorted(scored, key=lambda fact: fact.record_id) != sorted(stated, key=lambda fact: fact.record_id):
        yield f"{uscc}: facts do not follow from its records"
    if body is None:
        yield f"{uscc}: has no card"
        return
    holder = Holder(uscc, name or uscc, version, tuple(succeeded_by.split(",")) if succeeded_by else ())
    begins, ends = _day(valid_from), _day(next_change_on) if next_change_on else None
    now = grade_on(uscc, held, book, today if ends is None or today < ends else begins, province=province)
    if render(holder, now, book, province).decode() != body or (now.letter, now.score) != (letter, score):
        yield f"{uscc}: the card is not what its facts say"
    if now.next_change_on != ends:
        yield f"{uscc}: the card ends on another day than its facts say"
    if next_body is not None and ends is not None:
        following = grade_on(uscc, held, book, ends, province=province)
        if render(holder, following, book, province).decode() != next_body:
            yield f"{uscc}: the card's next segment is not what its facts say"


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
