"""Statements that depend on a party's word: a failed check waits for its producer (design § 6)."""

from typing import Final

from services.credit.service.statement import Party, Statement, Subject
from services.kernel.kinds import KINDS

_CONFIRMATION: Final = {
    code: kind.confirmation for code, kind in KINDS.items() if kind.confirmation is not None
}
CONFIRMED_KINDS: Final = frozenset(_CONFIRMATION)


def producer_of(statement: Statement) -> Subject:
    """Who is named as the producer: the party of that role, else the subject."""
    rule = _CONFIRMATION.get(statement.kind)
    named = (party.subject for party in statement.parties if rule and party.role == rule.role)
    return next(named, statement.subject)


def needs_confirmation(statement: Statement) -> bool:
    """Whether the kind makes this statement depend on its producer's word."""
    rule = _CONFIRMATION.get(statement.kind)
    return (
        rule is not None
        and statement.operation != "withdraw"
        and getattr(statement.details, rule.member) == rule.value
    )


def is_confirmed(statement: Statement) -> bool:
    """Whether a party of the role that the kind asks for is confirmed."""
    rule = _CONFIRMATION.get(statement.kind)
    return rule is not None and any(
        party.role == rule.role and party.confirmed for party in statement.parties
    )


def confirm_producer(statement: Statement) -> None:
    """Enter the confirmation: on the named party, or as a party of its own where none is named."""
    rule = _CONFIRMATION.get(statement.kind)
    if rule is None:
        return
    subject = statement.subject
    for party in statement.parties:
        if party.role == rule.role:
            party.confirmed = True
            is_subject = party.subject.name in (None, subject.name)
            if party.subject.uscc is None and is_subject:
                party.subject.uscc = subject.uscc
            return
    named = Subject(uscc=subject.uscc, name=subject.name)
    statement.parties = [*statement.parties, Party(rule.role.value, named, confirmed=True)]
