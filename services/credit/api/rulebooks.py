"""Rule books: what grades follow from, open to everyone so that anyone can recompute a grade."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from services.credit.api import models
from services.credit.api.dependencies import Reading, State
from services.credit.service.context import Credit
from services.credit.store import rulebooks
from services.kernel.clock import to_wire
from services.kernel.db import AnySession
from services.kernel.problems import Problem

router = APIRouter(prefix="/v1/rulebooks", tags=["rulebooks"])


@router.get("", response_model=models.RuleBooks)
def list_rulebooks(state: State, session: Reading) -> dict[str, object]:
    """The released rule books with their text, so that anyone can recompute a grade."""
    return {
        "items": [_shown(state.credit, session, stored) for stored in rulebooks.every(session)],
        "next": None,
    }


@router.get("/{rulebook_id}", response_model=models.RuleBook)
def read_rulebook(
    state: State, session: Reading, rulebook_id: Annotated[str, Path(max_length=40)]
) -> dict[str, Any]:
    """One rule book: its dates, its text and the digest of the text that stands behind every grade made with it."""
    stored = rulebooks.find(session, rulebook_id)
    if stored is None:
        raise Problem("not_found")
    return _shown(state.credit, session, stored)


def _shown(credit: Credit, session: AnySession, stored: rulebooks.StoredBook) -> dict[str, Any]:
    book = credit.rulebook_named(session, stored.id)
    return {
        "id": stored.id,
        "title": {"zh": book.title.zh, "en": book.title.en},
        "digest": stored.digest,
        "valid_from": book.valid_from,
        "valid_until": book.valid_until,
        "active": stored.active,
        "activated_at": to_wire(stored.activated_at) if stored.activated_at else None,
        "text": stored.text,
    }
