"""The fact of a statement as it was read, before it is stored."""

from services.credit.domain.facts import FIELDS, Fact, fact_of
from services.credit.service.source import Source
from services.credit.service.statement import Statement


def fact_of_statement(statement: Statement, record_id: str, source: Source) -> Fact:
    """What grading sees of a statement from a source; equal to `facts.fact_of_content` of the record that is stored."""
    authority = statement.authority
    named = (authority.uscc or authority.name or "") if authority else ""
    details = {
        name: value
        for name in FIELDS[statement.kind]
        if isinstance(value := getattr(statement.details, name, None), str | int | list)
    }
    return fact_of(
        record_id=record_id,
        kind=statement.kind,
        subject_uscc=str(statement.subject.uscc),
        authority=source.authority_code or named,
        document_number=statement.document_number,
        occurred_on=statement.occurred_on,
        valid_until=statement.valid_until,
        assertion=str(statement.assertion),
        effect=statement.effect,
        parties=[(party.role, party.subject.uscc or "", party.confirmed) for party in statement.parties],
        details=details,
        secondhand=source.secondhand,
    )
