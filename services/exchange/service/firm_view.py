"""Who looked: found in the log, told to the firm through an agency; and the end of an investigation, which reveals its reads.

Drawing the view is a read itself: it is for a purpose and a case and leaves an entry, which the next view shows.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.exchange.context import Exchange
from services.exchange.domain.firm_view import names_firm
from services.exchange.service.changes import SCANNED
from services.exchange.store import access_log
from services.exchange.store.access_log import Search
from services.exchange.tables import AccessLogEntry, ClosedInvestigation
from services.kernel import regions
from services.kernel.db import AnySession, WriteSession
from services.kernel.problems import Problem
from services.kernel.purpose import StatedPurpose

ROUTE: Final = "access_log"
_ROWS_A_LOOK: Final = 200
log = structlog.get_logger(__name__)
Place = tuple[datetime, str]


@cache
def withheld_purposes() -> tuple[str, ...]:
    """The purposes of which a firm learns only once the case is closed; data of the release."""
    seed = tomllib.loads(files("services.exchange").joinpath("seed/access_log.toml").read_text("utf-8"))
    return tuple(seed["firm_view"]["withheld_until_closed"])


def found_by(
    session: AnySession, search: Search, *, after: Place | None, limit: int
) -> tuple[list[AccessLogEntry], Place | None]:
    """What a search finds, the latest first, and the place after which to go on; None when that is all. What is withheld
    is passed over before pages are cut, so that neither their sizes nor their number tell of it."""
    if search.uscc is None:
        return _cut(list(access_log.page_of(session, search, after=after, limit=limit + 1)), limit)
    search = replace(search, widest=SCANNED)
    events, found = access_log.events_of(session, search.uscc or ""), list[AccessLogEntry]()
    while len(found) <= limit:
        page = access_log.page_of(session, search, after=after, limit=_ROWS_A_LOOK)
        found += [row for row in page if _names(row, events)]
        if len(page) < _ROWS_A_LOOK:
            break
        after = (page[-1].at, page[-1].id)
    return _cut(found, limit)


def _cut(found: list[AccessLogEntry], limit: int) -> tuple[list[AccessLogEntry], Place | None]:
    shown = found[:limit]
    return shown, (shown[-1].at, shown[-1].id) if len(found) > limit else None


def _names(row: AccessLogEntry, events: Sequence[tuple[int, str, str]]) -> bool:
    if row.covers_after is None or row.covers_through is None:
        return True
    roots: dict[str, list[str]] = (row.extent or {})["kinds"]

    def covers(kind: str, region: str) -> bool:
        return any(regions.within(region, root) for root in roots.get(kind, ()))

    return names_firm(covers, row.covers_after, row.covers_through, events)


def note_view(
    exchange: Exchange, uscc: str, stated: StatedPurpose, *, agency: str, client_id: str, request_id: str
) -> None:
    """Commit the entry of a view that is about to be handed out.

    Raises:
        Problem: `access_log_unavailable`, when it cannot be written.
    """
    now = exchange.clock()
    entry = AccessLogEntry(
        id=uuid4().hex, at=now, agency=agency, client_id=client_id, officer=stated.officer, uscc=uscc, route=ROUTE,
        purpose=stated.purpose, case_number=stated.case_number, groups=[], request_id=request_id, received_at=now,
    )  # fmt: skip
    try:
        with exchange.database.write("exchange.firm_view_noted") as session:
            access_log.add(session, entry)
    except SQLAlchemyError as failure:
        log.critical("access_entry_unwritten", error=type(failure).__name__)
        raise Problem("access_log_unavailable", headers={"Retry-After": "5"}) from failure


def close_investigation(
    session: WriteSession, *, agency: str, case_number: str, closed_by: str, now: datetime
) -> ClosedInvestigation:
    """Declare an agency's own case closed: the firms learn from now on who looked for it. Closed twice, the first stands.

    Raises:
        Problem: `not_found` when the agency has read nothing for such a case.
    """
    if not access_log.has_case(session, agency, case_number):
        raise Problem("not_found")
    held = session.get(ClosedInvestigation, (agency, case_number))
    if held is None:
        held = ClosedInvestigation(agency=agency, case_number=case_number, closed_at=now, closed_by=closed_by)
        session.add(held)
        session.flush()
    return held
