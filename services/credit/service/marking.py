"""Facts of stored records under their marks: what grading sees of a record, remedies included."""

from collections.abc import Iterable
from typing import Final

import msgspec

from services.credit.domain.act import fallen
from services.credit.domain.credit_repair import CREDIT_REPAIR
from services.credit.domain.data_query import DATA_QUERY
from services.credit.domain.facts import Fact, fact_of_content
from services.credit.domain.mark import UNMARKED, Bearing, Mark, mark_of, marked
from services.credit.domain.objection import OBJECTION
from services.credit.domain.rules import RuleBook
from services.credit.service.workspace import Firm
from services.credit.store import marks, remedies
from services.credit.store.records import Statement
from services.credit.tables import RemedyCase
from services.kernel.clock import shanghai_day
from services.kernel.db import WriteSession

_SHOWN: Final[dict[str, frozenset[str]]] = {
    OBJECTION.type: OBJECTION.open,
    CREDIT_REPAIR.type: CREDIT_REPAIR.open | CREDIT_REPAIR.in_effect,
    DATA_QUERY.type: frozenset(),
}
"""The states in which a case is shown with its record, by type."""


def bearing_of(case: RemedyCase) -> Bearing:
    """A case as its record feels it."""
    return Bearing(case.type, case.state, case.published_until, case.shared_until, case.used_until)


def mark_record(session: WriteSession, firm: Firm, record: Statement, book: RuleBook) -> Mark:
    """Mark a record by its cases as they stand now, in the table and in the facts of its enterprise."""
    cases = remedies.of_record(session, record.record_id)
    mark = mark_of(bearing_of(case) for case in cases)
    marks.write(session, record.record_id, mark, shown_of(mark, cases))
    is_scored = record.kind in book.choices or record.record_id in firm.facts
    if record.current_version is not None and is_scored:
        fact = fact_of_content(msgspec.json.decode(record.content), record.record_id)
        firm.facts[record.record_id] = marked(fact, mark)
    return mark


def fallen_trace(record_id: str, stated: str, withdrawal: str) -> Fact | None:
    """What stays of a withdrawn record, from its last statement and its withdrawal as they were received."""
    return fallen(
        fact_of_content(msgspec.json.decode(stated), record_id), msgspec.json.decode(withdrawal)["reason"]
    )


def shown_of(mark: Mark, cases: Iterable[RemedyCase]) -> str | None:
    """What readers of a record see of its remedies, as JSON; None when there is nothing to see."""
    open_cases = [
        {
            "type": case.type,
            "id": case.id,
            "state": case.state,
            "since": shanghai_day(case.filed_at).isoformat(),
        }
        for case in cases
        if case.state in _SHOWN[case.type]
    ]
    if mark == UNMARKED and not open_cases:
        return None
    return msgspec.json.encode(mark._asdict() | {"cases": open_cases}).decode()


def with_remedies(content: str, shown: str | None) -> str:
    """A record's JSON with what is shown of its remedies; a record without any is given as it was received."""
    return f'{content[:-1]},"remedies":{shown}}}' if shown else content
