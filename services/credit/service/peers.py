"""Where an enterprise stands among the firms of its industry and prefecture, exact as of today."""

from datetime import date
from typing import Any

from services.credit.domain.grade import format_points
from services.credit.domain.rules import RuleBook
from services.credit.domain.standing import FEWEST_PEERS, percentile
from services.credit.service.cards import grade_on
from services.credit.service.context import Credit
from services.credit.service.stored_facts import read_facts
from services.credit.store import enterprises, peers
from services.credit.store.enterprises import EnterpriseState
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession
from services.kernel.kinds import KINDS


def standing(credit: Credit, session: AnySession, uscc: str) -> dict[str, Any] | None:
    """An enterprise among its peers; None for an unknown one. Without an industry, a score or enough peers there is no
    percentile."""
    state = enterprises.read(session, [uscc]).get(uscc)
    if state is None:
        return None
    today, book = shanghai_day(credit.clock()), credit.rulebook(session)
    registration = peers.registration_of(session, uscc)
    own = _score(credit, state, book, today)
    rated = _rated(credit, session, registration, book, today) if registration else []
    found_at = None if own is None or registration is None else percentile(own, rated)
    return {
        "uscc": uscc, "on": today, "rulebook": book.id,
        "industry": registration.industry if registration else None,
        "industry_name": _name_of(registration.industry) if registration else None,
        "region": f"{registration.prefecture}00" if registration else None,
        "score": None if own is None else format_points(own),
        "n": len(rated), "minimum": FEWEST_PEERS,
        "percentile": None if found_at is None else format_points(found_at),
    }  # fmt: skip


def _rated(
    credit: Credit, session: AnySession, registration: peers.Registration, book: RuleBook, today: date
) -> list[int]:
    """The scores of today of the rated firms with such a registration."""
    found = peers.scores_of(session, registration, book.id)
    scores = {peer.uscc: peer.score for peer in found}
    # a card whose segment has ended is graded anew, as a lookup would
    ended = [peer.uscc for peer in found if peer.next_change_on is not None and peer.next_change_on <= today]
    for code, state in enterprises.read(session, ended).items():
        scores[code] = _score(credit, state, book, today)
    return [score for score in scores.values() if score is not None]


def _score(credit: Credit, state: EnterpriseState, book: RuleBook, today: date) -> int | None:
    facts = read_facts(state.facts)
    return grade_on(state.uscc, facts, book, today, province=credit.settings.province).score


def _name_of(industry: str) -> str | None:
    members = {member.name: member for member in KINDS["enterprise_registration"].members}
    choices = members["industry_division"].choices if "industry_division" in members else {}
    return (choices or {}).get(industry)
