"""Changing one enterprise, or a few: locked, read, changed in memory, regraded and written within one transaction."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from services.credit.service.context import Credit
from services.credit.service.workspace import Firm
from services.credit.store import act_links, aliases, cards, enterprises, outbox
from services.kernel.clock import shanghai_day
from services.kernel.db import WriteSession


@contextmanager
def opened_firms(
    credit: Credit,
    session: WriteSession,
    codes: Iterable[str],
    now: datetime,
    *,
    provider: str | None,
    cause: str,
    unknown: Mapping[str, str] | None = None,
) -> Iterator[dict[str, Firm]]:
    """The enterprises of the codes, locked in code order. When the block ends they are graded anew as of today and
    written with their cards and events; what a block that raises has done is undone with the transaction.

    `unknown` are codes with their regions that get their file here, where they have none and something is told of them.
    """
    held = sorted({*codes, *(unknown or ())})
    enterprises.lock(session, held)
    book = credit.rulebook(session)  # another one may have taken over while the locks were waited for
    letters = cards.letters(session, held, book.id)
    states = enterprises.read(session, held)
    firms = {code: Firm.known(state, letters.get(code)) for code, state in states.items()}
    for code, region in (unknown or {}).items():
        if code not in firms:
            firms[code] = Firm.unknown(code, region, now)
    for code, links in act_links.of_firms(session, states).items():
        firms[code].links = links
    yield firms
    firms = {code: firm for code, firm in firms.items() if firm.is_changed or not firm.state.is_new}
    today, province = shanghai_day(now), credit.settings.province
    rows = [
        firm.card_row(book, today, province, now, provider=provider, cause=cause) for firm in firms.values()
    ]
    enterprises.write(session, [firm.state for firm in firms.values()])
    enterprises.write_names(session, [naming for firm in firms.values() for naming in firm.namings])
    aliases.remember(session, (alias for firm in firms.values() for alias in firm.aliases), now)
    cards.write(session, rows, known=letters)
    outbox.append(session, [event for firm in firms.values() for event in firm.events])
