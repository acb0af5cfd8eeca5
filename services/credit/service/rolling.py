"""Moving cards on when their segment has ended: keeps reads quick and tells the journal of letters that time changed.

Nothing depends on it for truth: a card whose segments have ended is computed when it is read.
"""

from typing import Final

from services.credit.service.context import Credit
from services.credit.service.opened import opened_firms
from services.credit.store import cards
from services.kernel.clock import shanghai_day

CHUNK: Final = 500


def roll_cards(credit: Credit) -> int:
    """Regrade up to `CHUNK` enterprises whose segment has ended; answers how many."""
    today = shanghai_day(credit.clock())
    with credit.database.read() as session:
        codes = cards.due(session, credit.rulebook(session).id, today, CHUNK)
    if codes:
        regrade(credit, codes, cause="time")
    return len(codes)


def regrade(credit: Credit, codes: list[str], *, cause: str) -> None:
    """Grade enterprises anew as of today, in one transaction."""
    now = credit.clock()
    with (
        credit.database.write("credit.cards_rolled") as session,
        opened_firms(credit, session, codes, now, provider=None, cause=cause),
    ):
        pass  # to be opened and written is to be graded anew
