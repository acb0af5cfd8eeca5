"""Moving cards on when their segment has ended: keeps reads quick and tells the journal of letters that time changed.

Nothing depends on it for truth: a card whose segments have ended is computed when it is read.
"""

from typing import Final

from services.credit.service.context import Credit
from services.credit.service.workspace import Firm
from services.credit.store import cards, enterprises, outbox
from services.kernel.clock import shanghai_day
from services.kernel.db import WriteSession

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
    with credit.database.write("credit.cards_rolled") as session:
        _regrade(credit, session, codes, cause)


def _regrade(credit: Credit, session: WriteSession, codes: list[str], cause: str) -> None:
    now = credit.clock()
    book = credit.rulebook(session)
    enterprises.lock(session, codes)
    letters = cards.letters(session, codes, book.id)
    firms = [Firm.known(state, letters.get(code)) for code, state in enterprises.read(session, codes).items()]
    rows = [
        firm.card_row(book, shanghai_day(now), credit.settings.province, now, provider=None, cause=cause)
        for firm in firms
    ]
    enterprises.write(session, [firm.state for firm in firms])
    cards.write(session, rows, known=letters)
    outbox.append(session, [event for firm in firms for event in firm.events])
