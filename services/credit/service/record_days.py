"""What law and rules say of one record: its tier, whether it speaks against the firm, and its intervals."""

from datetime import date, timedelta
from typing import Any

import msgspec

from services.credit.domain.facts import Fact, fact_of_content
from services.credit.domain.interval import Intervals, RecordDays, intervals_of
from services.credit.domain.mark import UNMARKED, Mark
from services.credit.domain.rules import Rule, RuleBook
from services.credit.service.context import Credit
from services.credit.service.remedy_rules import RemedyRules, Tier, released
from services.credit.store import marks, records
from services.credit.store.records import Statement
from services.credit.tables import RemedyCase
from services.kernel.calendar import WorkCalendar, deadline
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession


def fact_of_record(record: Statement) -> Fact:
    """A record's fact before any remedy."""
    return fact_of_content(msgspec.json.decode(record.content), record.record_id)


def rule_of(fact: Fact, book: RuleBook) -> Rule | None:
    """The rule of the book that applies to a fact."""
    choose = book.choices.get(fact.kind)
    program = choose(fact.attributes) if choose else None
    if program is None:
        return None
    return next(rule for rule in book.rules if rule.id == program.rule)


def is_unfavourable(rule: Rule | None) -> bool:
    """Whether a record under a rule speaks against the firm."""
    return rule is not None and (rule.points < 0 or rule.ceiling is not None)


def earliest_repair(
    occurred_on: date, rule: Rule | None, rules: RemedyRules, calendar: WorkCalendar
) -> date | None:
    """The first day after the least time of publication, counted from the day of the document (认定之日)."""
    tier = tier_of(rule, rules)
    if tier is None or tier.minimum is None:
        return None
    return deadline(tier.minimum, occurred_on, calendar).due_on + timedelta(days=1)


def tier_of(rule: Rule | None, rules: RemedyRules) -> Tier | None:
    """The tier of a record by the rule that applies to it; None for one that does not speak against the firm."""
    return rules.tiers.get(rule.period) if rule is not None and is_unfavourable(rule) else None


def intervals_shown(
    credit: Credit, session: AnySession, record: Statement, case: RemedyCase
) -> dict[str, Any] | None:
    """The intervals of a case's record by the rules of the case; None for a record that is withdrawn or held."""
    if record.current_version is None:
        return None
    found = intervals(credit, session, record, released()[case.rules])
    return {
        name: None if interval is None else interval._asdict() for name, interval in found._asdict().items()
    }


def intervals(credit: Credit, session: AnySession, record: Statement, rules: RemedyRules) -> Intervals:
    """The intervals of a record in force."""
    received_on = shanghai_day(records.first_recorded(session, record.record_id))
    mark = marks.read(session, [record.record_id]).get(record.record_id, UNMARKED)
    book = credit.rulebook(session)
    return intervals_by(rules, book, credit.calendar, record.content, received_on=received_on, mark=mark)


def intervals_by(
    rules: RemedyRules,
    book: RuleBook,
    calendar: WorkCalendar,
    content: str,
    *,
    received_on: date,
    mark: Mark,
) -> Intervals:
    """The intervals of a record of this content that was first received on a day and bears a mark."""
    record: dict[str, Any] = msgspec.json.decode(content)
    fact = fact_of_content(record, record["record_id"])
    rule, occurred_on = rule_of(fact, book), date.fromordinal(fact.occurred_on)
    tier = tier_of(rule, rules)
    days = RecordDays(
        published_on=date.fromisoformat(record["published_on"]) if record["published_on"] else None,
        received_on=received_on,
        occurred_on=occurred_on,
        published_through=deadline(tier.maximum, occurred_on, calendar).due_on if tier else None,
        used_through=_last_use(book, fact),
        is_used=rule is not None,
    )
    return intervals_of(days, mark)


def _last_use(book: RuleBook, fact: Fact) -> date | None:
    choose = book.choices.get(fact.kind)
    program = choose(fact.attributes) if choose else None
    if program is None:
        return None
    last = program.schedule[fact.occurred_on][1]
    return date.fromordinal(last if fact.valid_until is None else min(last, fact.valid_until))
