"""A remedy as its readers get it: state, deadline and steps; the parties' own words for the parties alone."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from services.credit.domain.remedy import Course
from services.credit.service.context import Credit
from services.credit.service.remedy_rules import LegalTerm, released
from services.credit.service.routing import Caller
from services.credit.tables import RemedyCase, RemedyStep
from services.kernel.calendar import Deadline, deadline
from services.kernel.clock import to_wire

OPEN_TO_ALL: Final = frozenset(
    {
        "ground", "outcome", "document_number", "channel", "external_number", "external", "ends",
        "obligation_fulfilled_on", "commitment", "fields", "compared_with",
    }
)  # fmt: skip
"""The details of a step that are no party's words: shown to who may read the record, and told by the journal."""


def term_of(case: RemedyCase) -> LegalTerm | None:
    """The period that runs in a case, by the rules under which it was filed."""
    return released()[case.rules].terms[case.term] if case.term else None


def deadline_of(credit: Credit, case: RemedyCase) -> Deadline | None:
    """The last day of the period that runs in a case; None when none runs."""
    term = term_of(case)
    if term is None or case.since is None:
        return None
    return deadline(term.period, case.since, credit.calendar)


def is_overdue(credit: Credit, case: RemedyCase, caller: Caller) -> bool:
    """Whether the running period is over: a matter of dates alone, whoever noticed."""
    due = deadline_of(credit, case)
    return due is not None and due.has_passed(caller.today)


def is_party(credit: Credit, case: RemedyCase, caller: Caller) -> bool:
    """Whether the caller filed the case, decides it, or has it because it is overdue."""
    handler = caller.handler_of(case.provider, case.kind, case.region)
    if caller.agency == handler or caller.acts_for(case.filer, case.kind, case.region):
        return True
    return caller.agency == caller.superior_of(handler) and is_overdue(credit, case, caller)


def show(
    credit: Credit,
    course: Course,
    case: RemedyCase,
    caller: Caller,
    steps: Sequence[RemedyStep] | None = None,
) -> dict[str, Any]:
    """A case for a caller, with its steps where they are given."""
    due, term = deadline_of(credit, case), term_of(case)
    handler = caller.handler_of(case.provider, case.kind, case.region)
    is_late = is_overdue(credit, case, caller)
    sees_words = is_party(credit, case, caller)
    running = None
    if due is not None and term is not None:
        running = {
            "term": case.term, "since": case.since, "due_on": due.due_on, "estimated": due.is_estimated,
            "overdue": is_late, "basis": term.basis,
        }  # fmt: skip
    shown = {
        "id": case.id, "uscc": case.uscc, "record_id": case.record_id, "record_version": case.record_version,
        "kind": case.kind, "region": case.region, "filer": case.filer, "provider": case.provider, "handler": handler,
        "state": case.state, "closed": case.state not in course.open, "received_on": case.received_on,
        "filed_at": to_wire(case.filed_at), "closed_at": to_wire(case.closed_at) if case.closed_at else None,
        "rules": case.rules, "deadline": running, "escalated_to": caller.superior_of(handler) if is_late else None,
        "version": case.version, "words_withheld": not sees_words,
    }  # fmt: skip
    shown |= _details(case.details, sees_words=sees_words)
    if steps is not None:
        shown["steps"] = [_step(step, sees_words=sees_words) for step in steps]
    return shown


def _step(step: RemedyStep, *, sees_words: bool) -> dict[str, Any]:
    return {
        "no": step.no, "action": step.action, "state": step.state, "agency": step.agency, "on": step.on,
        "recorded_at": to_wire(step.recorded_at), "enterprise_version": step.enterprise_version,
    } | _details(step.details, sees_words=sees_words)  # fmt: skip


def _details(stored: str, *, sees_words: bool) -> dict[str, Any]:
    details: dict[str, Any] = msgspec.json.decode(stored)
    details.pop("digest", None)  # by which the platform knows its own question again
    return {name: value if sees_words or name in OPEN_TO_ALL else None for name, value in details.items()}
