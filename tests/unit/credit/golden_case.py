"""A golden case: the records of a file and a day, and the grade with its explanation in the words of the interface."""

from datetime import date

from services.credit.domain.facts import fact_of
from services.credit.domain.grade import format_points, grade

AUTHORITY = "11430000KXB0000017"


def graded(case, book):
    """The grade of a case's file on its day."""
    return grade([_fact(record, case["uscc"]) for record in case["records"]], book, _day(case["on"]))


def _fact(record, uscc):
    stated = record | {
        "occurred_on": _day(record["occurred_on"]),
        "valid_until": _day(record["valid_until"]),
        "parties": [tuple(party) for party in record["parties"]],
    }
    return fact_of(subject_uscc=uscc, authority=AUTHORITY, **stated)


def _day(text):
    return date.fromisoformat(text) if text else None


def outcome(result):
    """A grade in the form in which the golden files keep it."""
    return {
        "grade": result.letter,
        "score": None if result.score is None else format_points(result.score),
        "provisional": result.provisional,
        "pillars": {pillar.id: format_points(pillar.score) for pillar in result.pillars},
        "vetoes": [
            {"record_id": veto.record_id, "ceiling": veto.ceiling, "until": veto.until.isoformat(), "rule": veto.rule}
            for veto in result.vetoes
        ],
        "next_change_on": result.next_change_on and result.next_change_on.isoformat(),
        "explanation": [
            {"record_id": part.record_id, "pillar": part.pillar, "points": format_points(part.points),
             "rule": part.rule, "basis": part.basis}
            for part in result.contributions
        ],
    }  # fmt: skip
