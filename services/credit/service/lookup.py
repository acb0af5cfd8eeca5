"""Answering what a grade is today: from the card where its segments reach, by grading the facts where they do not."""

from datetime import date

import msgspec
from sqlalchemy import text

from services.credit.domain.grade import Grade, format_points
from services.credit.service.cards import Holder, dated, grade_on, render
from services.credit.service.context import Credit
from services.credit.service.workspace import read_facts
from services.credit.store import enterprises
from services.credit.store.lane import Segments
from services.kernel.db import AnySession


def grade_bytes(credit: Credit, segments: Segments, on: date) -> bytes:
    """The grade of an enterprise on a day as JSON; exact even if no scheduler has run for years."""
    body = segments.on(on)
    if body is None:
        with credit.database.read() as session:
            body = _computed(credit, session, segments.uscc, on)
    return dated(body.encode(), on)


def _computed(credit: Credit, session: AnySession, uscc: str, on: date) -> str:
    state = enterprises.read(session, [uscc])[uscc]
    book = credit.rulebook(session)
    result = grade_on(uscc, read_facts(state.facts), book, on, province=credit.settings.province)
    return render(
        Holder(uscc, state.name or uscc, state.version), result, book, credit.settings.province
    ).decode()


class Explanation(msgspec.Struct):
    """One record's part in a grade. What the caller's grants do not cover keeps its points and loses its identity."""

    record_id: str | None
    pillar: str
    points: str
    rule: str
    basis: str


def explained(
    credit: Credit, session: AnySession, uscc: str, on: date, kinds: frozenset[str], *, with_lines: bool
) -> bytes | None:
    """The grade on a day, on request with every contribution to it; None for an unknown enterprise."""
    state = enterprises.read(session, [uscc]).get(uscc)
    if state is None:
        return None
    book, facts = credit.rulebook(session), read_facts(state.facts)
    result = grade_on(uscc, facts, book, on, province=credit.settings.province)
    visible = {fact.record_id for fact in facts if fact.kind in kinds}
    body = dated(
        render(Holder(uscc, state.name or uscc, state.version), result, book, credit.settings.province), on
    )
    if not with_lines:
        return body
    return body[:-1] + b',"explanation":' + msgspec.json.encode(_lines(result, visible)) + b"}"


def _lines(result: Grade, visible: set[str]) -> list[Explanation]:
    lines = []
    for part in result.contributions:
        seen = part.record_id in visible
        lines.append(
            Explanation(
                part.record_id if seen else None, part.pillar, format_points(part.points),
                part.rule if seen else "withheld", part.basis if seen else "",
            )
        )  # fmt: skip
    return lines


def exists(session: AnySession, uscc: str) -> bool:
    """Whether an enterprise has a file."""
    row = (
        session.connection()
        .execute(text("SELECT version FROM enterprise WHERE uscc = :uscc"), {"uscc": uscc})
        .one_or_none()
    )
    return row is not None and row[0] > 0
