"""What a pull hands out beyond the public, and the entry that it leaves in the access log.

A page of changes that holds restricted or personal fields is one restricted read, however many firms it names: its entry
says the range, the kinds with their regions, the grants behind it and the number of firms, and is committed before the
answer leaves. Its purpose is the one stated in the headers, else the subscription, which rests on the grants' own
purpose; the case is then the grant. Where no entry can be written the page is refused; pages of public fields go on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from services.exchange.context import Exchange
from services.exchange.service.changes import Question
from services.exchange.store import access_log
from services.exchange.store.journal_lane import Found, HeadState, slices_of
from services.exchange.tables import AccessLogEntry
from services.kernel.access import AgencyPrincipal
from services.kernel.access_log import SUBSCRIPTION
from services.kernel.kinds import KINDS
from services.kernel.policy import EVERY, GrantFact, Reach
from services.kernel.problems import Problem
from services.kernel.projection import paths_of
from services.kernel.purpose import StatedPurpose

ROUTE: Final = "changes"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PullDisclosure:
    """Who pulls, by which grants beyond the public, stating what."""

    grants: Sequence[GrantFact]
    """One a kind; each gives a group of its kind that is not public."""
    reach: Reach
    stated: StatedPurpose | None
    principal: AgencyPrincipal
    request_id: str


def disclosure_of(
    grants: Iterable[GrantFact], stated: StatedPurpose | None, principal: AgencyPrincipal, request_id: str
) -> PullDisclosure:
    """What of some pull grants goes beyond the public."""
    beyond = [
        msgspec.structs.replace(grant, kind=kind)
        for grant in grants
        for kind in (KINDS if grant.kind == EVERY else (grant.kind,))
        if not paths_of(kind).keys().isdisjoint(grant.groups)
    ]
    return PullDisclosure(beyond, Reach(beyond, KINDS), stated, principal, request_id)


async def note_page(
    exchange: Exchange,
    disclosure: PullDisclosure,
    question: Question,
    head: HeadState,
    found: Sequence[Found],
    through: int,
) -> None:
    """Commit the entry of a page that holds more than what is public; nothing for any other.

    Raises:
        Problem: `access_log_unavailable`, when it cannot be written.
    """
    beyond = [row for row in found if disclosure.reach.covers(row.kind, row.region)]
    if beyond:
        firms = len({row.uscc for row in beyond})
        kinds = {row.kind for row in beyond}
        entry = _entry(exchange, disclosure, question, head, through=through, kinds=kinds, firms=firms)
        await run_in_threadpool(_commit, exchange, entry)


async def note_stream(
    exchange: Exchange, disclosure: PullDisclosure, question: Question, head: HeadState
) -> None:
    """Commit the entry of a stream before its first byte. It names the range; the firms in it are in the journal, and
    counting them beforehand would cost as much as the stream.

    Raises:
        Problem: `access_log_unavailable`, when it cannot be written.
    """
    slices = slices_of(disclosure.reach, question.kind)
    if slices and await exchange.journal.page(question.after, head.seq, slices, question.reader, 1):
        kinds = {kind for part in slices for kind in part.kinds}
        entry = _entry(exchange, disclosure, question, head, through=head.seq, kinds=kinds, firms=None)
        await run_in_threadpool(_commit, exchange, entry)


def _entry(
    exchange: Exchange,
    disclosure: PullDisclosure,
    question: Question,
    head: HeadState,
    *,
    through: int,
    kinds: set[str],
    firms: int | None,
) -> AccessLogEntry:
    held = [grant for grant in disclosure.grants if grant.kind in kinds]
    groups = {group for grant in held for group in grant.groups if group in paths_of(grant.kind)}
    grants = sorted({grant.id for grant in held})
    purpose, case_number, officer = disclosure.stated or (SUBSCRIPTION, grants[0], None)
    now = exchange.clock()
    return AccessLogEntry(
        id=uuid4().hex, at=now, agency=disclosure.principal.agency, client_id=disclosure.principal.client_id, uscc=None, officer=officer,
        route=ROUTE, purpose=purpose, case_number=case_number, groups=sorted(groups), request_id=disclosure.request_id,
        covers_after=question.after, covers_through=through, firms=firms,
        extent={
            "epoch": head.epoch, "grants": grants,
            "kinds": {kind: sorted(disclosure.reach.roots(kind)) for kind in sorted(kinds)},
        },
        received_at=now,
    )  # fmt: skip


def _commit(exchange: Exchange, entry: AccessLogEntry) -> None:
    try:
        with exchange.database.write("exchange.access_noted") as session:
            access_log.add(session, entry)
    except SQLAlchemyError as failure:
        log.critical("access_entry_unwritten", error=type(failure).__name__)
        raise Problem("access_log_unavailable", headers={"Retry-After": "5"}) from failure
