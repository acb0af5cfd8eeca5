"""Taking a page of a batch: identify, check, write record versions, regrade, write events — one transaction.

The enterprises of a page are locked in code order before anything is read, and read in a later statement. What the
page did is stored with it, so that a page sent again after a lost answer is answered from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha256
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy.exc import IntegrityError

from services.credit.domain.act import fallen
from services.credit.domain.intake import Decision, RecordState, Standing, Verdict, decide
from services.credit.domain.mark import marked, told_mark
from services.credit.domain.product import Identity
from services.credit.service.confirmation import CONFIRMED_KINDS
from services.credit.service.content import content_of, instant_of
from services.credit.service.context import Credit
from services.credit.service.differences import Differences
from services.credit.service.effect_changes import effect_fault
from services.credit.service.identification import Judgement, Questions, attributed
from services.credit.service.inheritance import Inheritance
from services.credit.service.personal import PersonalData
from services.credit.service.plain import file_plainly
from services.credit.service.queueing import Queue, pointer_of
from services.credit.service.reading import Item, Reader
from services.credit.service.source import Source, Sources
from services.credit.service.stated_fact import fact_of_statement
from services.credit.service.stated_product import identity_of_statement
from services.credit.service.statement import Statement
from services.credit.service.verdict import PageAnswer, VerdictLine, answer_of
from services.credit.service.workspace import Firm
from services.credit.store import (
    act_links,
    aliases,
    cards,
    enterprises,
    marks,
    outbox,
    pages,
    products,
    records,
)
from services.kernel import regions, uscc
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession, ReadSession, WriteSession
from services.kernel.faults import fault
from services.kernel.policy import AgencyFact, Policy
from services.kernel.texts import Language

_encode: Final = msgspec.json.Encoder().encode
_CURRENT: Final = str(RecordState.CURRENT)
_ACCEPTED: Final = str(Verdict.ACCEPTED)
_EVENT_OF: Final = {
    "upsert": "record_upserted",
    "correct": "record_corrected",
    "withdraw": "record_withdrawn",
}


@dataclass(frozen=True)
class Page:
    """One page of a batch as the exchange hands it over. Its items follow each other in the batch from `first_index`,
    unless it was arranged by enterprise: then `places` are their indexes."""

    batch_id: str
    batch_no: int
    number: int
    first_index: int
    body: bytes
    language: Language
    dry_run: bool = False
    places: Sequence[int] | None = None


class _Moved(Exception):  # noqa: N818 - not an error: the page starts again with more locks
    """A record is known under an enterprise that the page has not locked."""

    def __init__(self, codes: set[str]) -> None:
        self.codes = codes


@dataclass(frozen=True)
class ReadPage:
    """A page whose items have been read: what is left needs the database."""

    page: Page
    provider: AgencyFact
    policy: Policy
    items: Sequence[Item]
    digest: str
    now: datetime


def take_page(credit: Credit, page: Page, provider: AgencyFact, policy: Policy) -> PageAnswer:
    """What became of every item of a page; durable and visible when this returns (nothing is, on a dry run)."""
    return apply_page(credit, read_page(credit, page, provider, policy))


def read_page(credit: Credit, page: Page, provider: AgencyFact, policy: Policy) -> ReadPage:
    """Read and check the items of a page, without touching the database."""
    now = credit.clock()
    items = Reader(provider, policy, shanghai_day(now), page.language).read(page.body)
    return ReadPage(page, provider, policy, items, sha256(page.body).hexdigest(), now)


def apply_page(credit: Credit, read: ReadPage) -> PageAnswer:
    """Apply a page that was read, in one transaction."""
    extra: set[str] = set()
    while True:
        try:
            return _apply(credit, read, extra)
        except _Moved as moved:
            extra |= moved.codes
        except IntegrityError:
            # two deliveries of one page raced; the loser finds the winner's verdicts
            with credit.database.read() as session:
                stored = pages.find(session, read.page.batch_id, read.page.number)
            if stored is None or stored[0] != read.digest:
                raise
            return PageAnswer(stored[1], stored[2])


def _apply(credit: Credit, read: ReadPage, extra: set[str]) -> PageAnswer:
    page, items, digest = read.page, read.items, read.digest
    with credit.database.write("credit.page_taken") as session:
        if not page.dry_run and (stored := pages.find(session, page.batch_id, page.number)):
            if stored[0] != digest:
                raise ValueError(f"page {page.number} of batch {page.batch_id} came with another body")
            session.rollback()
            return PageAnswer(stored[1], stored[2])
        taking = _Taking(session, credit, read)
        enterprises.lock(session, taking.codes | extra)
        lines = taking.take_all(items, extra)
        taking.write(session)
        answer = answer_of(lines)
        if page.dry_run:
            session.rollback()
        else:
            pages.keep(
                session, page.batch_id, page.number, body_sha256=digest, verdicts=answer.verdicts, counts=answer.counts
            )  # fmt: skip
        return answer


class Rehearsal(NamedTuple):
    """What a page would do: its verdicts, its record versions in the order of `RecordVersion`'s columns, and the
    enterprises that it would change, graded as they would be."""

    verdicts: list[VerdictLine]
    versions: list[tuple[Any, ...]]
    firms: list[Firm]


def rehearse_page(credit: Credit, session: ReadSession, read: ReadPage) -> Rehearsal:
    """Do with a page what taking it would do, up to the writing: nothing is locked, nothing is kept."""
    extra: set[str] = set()
    while True:
        taking = _Taking(session, credit, read)
        try:
            lines = taking.take_all(read.items, extra)
        except _Moved as moved:
            extra |= moved.codes
        else:
            return Rehearsal(lines, taking.versions, [firm for firm, _ in taking.regraded()])


def record_id_of(provider: str, kind: str, source_record_id: str) -> str:
    """A record's id: a digest of who states it, of what kind, under which id of its own."""
    return blake2b("\x1f".join((provider, kind, source_record_id)).encode(), digest_size=16).hexdigest()


class _Taking:
    """One page at work inside its transaction."""

    def __init__(self, session: AnySession, credit: Credit, read: ReadPage) -> None:
        self._session, self._credit, self._page, self._now = session, credit, read.page, read.now
        self._provider, self._sources = read.provider, Sources(read.provider, read.policy)
        self._today = shanghai_day(read.now)
        self._inheritance = Inheritance(read.provider, read.policy, self._today)
        self._provider_text = _encode(read.provider.id)
        # what nobody may be deciding meanwhile is locked here, before any enterprise is
        self._questions = Questions(session, read.provider.id, read.items)
        self.codes = self._questions.codes
        self._firms: dict[str, Firm] = {}
        self._heads: dict[str, records.Head] = {}
        self._changed_heads: dict[str, records.Head] = {}
        self._regions: dict[str, str] = {}
        self.versions: list[tuple[Any, ...]] = []
        self._products: dict[str, Identity] = {}
        self._personal = PersonalData(credit.settings)
        self._differences = Differences(credit, session, read.now)
        self._left: set[str] = set()
        self._queue = Queue(read.provider.id, read.now)

    def take_all(self, items: Sequence[Item], extra: set[str]) -> list[VerdictLine]:
        """The verdicts on all items, whose enterprises are locked where anything is to be written."""
        page, first = self._page, self._page.first_index
        places = page.places or range(first, first + len(items))
        ids = [self._id(item.statement) if item.statement else "" for item in items]
        if self._inheritance:
            items, ids = self._inheritance.resolve(self._session, items, ids, record_id_of, page.language)
        self.open(ids, extra)
        return list(map(self.take, places, ids, items))

    def open(self, ids: Sequence[str], extra: set[str]) -> None:
        """Read the enterprises and the heads of the records."""
        codes = self.codes | extra
        # only under the locks is it certain which book grades: another may have taken over while they were waited for
        self._book = self._credit.rulebook(self._session)
        self._heads = records.read_heads(self._session, list(set(ids) - {""}))
        if outside := {head.uscc for head in self._heads.values()} - codes - {""}:
            self._session.rollback()
            raise _Moved(outside)
        self._letters = cards.letters(self._session, codes, self._book.id)
        self._marks = marks.read(self._session, list(self._heads))
        for code, state in enterprises.read(self._session, codes).items():
            self._firms[code] = Firm.known(state, self._letters.get(code))
        for code, links in act_links.of_firms(self._session, self._firms).items():
            self._firms[code].links = links

    def take(self, index: int, record_id: str, item: Item) -> VerdictLine:
        """The verdict on one item, its effects kept in memory."""
        statement = item.statement
        if statement is None:
            return VerdictLine(
                index, item.source_record_id, Verdict.REJECTED, item.code, None, None, item.faults
            )
        head = self._heads.get(record_id)
        if head is None and not self._inheritance and item.is_plain:
            return self._take_plain(index, record_id, statement)
        canonical = _encode(statement)
        canonical, digest = self._personal.conceal(statement, canonical)
        judged: Judgement | None = None
        sent = canonical
        if statement.subject.uscc is None or statement.kind in CONFIRMED_KINDS:
            judged = self._questions.judge(statement)
            canonical = attributed(sent, statement) if judged.is_attributed else sent
        decision = decide(
            Standing(head.version, head.digest, head.batch_no, head.state == RecordState.HELD, bool(head.uscc))
            if head else None,
            operation=statement.operation, digest=digest, batch_no=self._page.batch_no,
            hold=judged.hold if judged else None,
        )  # fmt: skip
        changed = head if decision.state is not None else None
        if refused := effect_fault(self._session, statement, changed, self._firms, self._page.language):
            return VerdictLine(
                index,
                statement.source_record_id,
                Verdict.REJECTED,
                statement.subject.uscc,
                None,
                None,
                [refused],
            )
        if decision.state is not None:
            if judged is not None and judged.is_decided and decision.state is RecordState.CURRENT:
                # what the agency sent stands as a version of its own before what a decision makes of it
                decision = self._keep_as_sent(statement, record_id, decision, sent, digest)
            self._queue.note(statement, record_id, decision, judged, head)
            self._apply(statement, record_id, head, decision, canonical, digest)
            self._personal.keep(record_id, decision.version, digest)
        elif head is not None and decision.fault is None:
            self._touch(head)
        why = decision.fault
        faults = [fault(why, pointer_of(why), self._page.language)] if why else []
        known = decision.version is not None
        withdrawn = decision.state is RecordState.WITHDRAWN
        return VerdictLine(
            index, statement.source_record_id, decision.verdict,
            self._heads[record_id].uscc or None if withdrawn else statement.subject.uscc,
            record_id if known else None, decision.version, faults,
        )  # fmt: skip

    def _take_plain(self, index: int, record_id: str, statement: Statement) -> VerdictLine:
        page, code, region = self._page, str(statement.subject.uscc), str(statement.region)
        firm, source = self._firm(code, region), self._sources.of(statement)
        row, digest = file_plainly(
            firm, statement, record_id, now=self._now, provider=self._provider_text, batch_id=page.batch_id, source=source
        )  # fmt: skip
        self.versions.append(row)
        if statement.kind in self._book.choices:
            firm.put(record_id, fact_of_statement(statement, record_id, source))
        self._regions[record_id] = region
        self._heads[record_id] = self._changed_heads[record_id] = records.Head(
            record_id, code, self._provider.id, statement.kind, statement.source_record_id, 1, 1, _CURRENT,
            statement.occurred_on, digest, page.batch_no, self._product_of(statement, None, is_held=False), is_new=True,
        )  # fmt: skip
        return VerdictLine(index, statement.source_record_id, _ACCEPTED, code, record_id, 1, [])

    def _keep_as_sent(
        self, statement: Statement, record_id: str, decision: Decision, sent: bytes, digest: bytes
    ) -> Decision:
        version = decision.version or 1
        source = self._sources.of(statement)
        content = self._content(record_id, version, self._now, sent, source)
        self.versions.append(
            (record_id, version, "", statement.kind, statement.region, statement.occurred_on, statement.assertion,
             statement.effect, str(RecordState.HELD), self._now, self._page.batch_id, content)
        )  # fmt: skip
        self._personal.keep(record_id, version, digest)
        return decision._replace(version=version + 1)

    def _touch(self, head: records.Head) -> None:
        # an unchanged item of a later batch still makes an older batch's item superseded
        if head.batch_no < self._page.batch_no:
            head.batch_no = self._page.batch_no
            self._changed_heads[head.record_id] = head

    def _apply(
        self,
        statement: Statement,
        record_id: str,
        head: records.Head | None,
        decision: Decision,
        canonical: bytes,
        digest: bytes,
    ) -> None:
        is_held, is_withdrawal = decision.state is RecordState.HELD, decision.state is RecordState.WITHDRAWN
        version, code, former = decision.version or 1, statement.subject.uscc or "", head
        if head is not None and is_withdrawal:
            code = head.uscc  # whatever subject a withdrawal names, the record falls where it is filed
        is_open = not is_held and code != ""  # a record that no enterprise has falls in no file
        firm = self._firm(code, str(statement.region)) if is_open else self._firms.get(code)
        region, told = str(statement.region), None
        if head is not None and head.current_version is not None and not is_held:
            told = self._region_in_force(head)
            region = told if is_withdrawal else region  # whoever was told of the record hears that it fell
            if head.uscc == code and told != region:
                self._leave(head, self._now)
        recorded_at = firm.tick(self._now) if firm else self._now
        source = self._inheritance.source(statement, self._sources.of(statement))
        content = self._content(record_id, version, recorded_at, canonical, source)
        if head is not None and head.uscc != code and head.current_version is not None and not is_held:
            self._leave(head, recorded_at)
        in_force = None if is_withdrawal else version
        if is_held:
            in_force = head.current_version if head else None
        # while a statement is held, the record stays filed where and when the one in force puts it
        filed = head if head is not None and is_held and in_force is not None else None
        head = records.Head(
            record_id, filed.uscc if filed else code, head.provider if head else self._provider.id, statement.kind,
            statement.source_record_id, version, in_force, str(decision.state), filed.occurred_on if filed else statement.occurred_on, digest,
            self._page.batch_no, self._product_of(statement, head, is_held=is_held), is_new=head is None or head.is_new,
        )  # fmt: skip
        self._heads[record_id] = self._changed_heads[record_id] = head
        self.versions.append(
            (record_id, version, code, statement.kind, statement.region, statement.occurred_on, statement.assertion,
             statement.effect, str(decision.state), recorded_at, self._page.batch_id, content)
        )  # fmt: skip
        if firm is not None and not is_held:
            self._regions[record_id] = region
            self._file(firm, statement, record_id, version, recorded_at, content, region, source)
            mark = self._marks.get(record_id)
            # of a repaired record that is stated again the journal hears at once that it is not shared
            if (
                mark is not None
                and former is not None
                and (former.uscc != code or told not in (None, region) or mark.shared_until is not None)
            ):
                firm.emit(
                    "record_marked", firm.tick(self._now), provider=self._provider.id, data={"mark": told_mark(mark)},
                    kind=statement.kind, region=region, record_id=record_id, record_version=version,
                )  # fmt: skip

    def _product_of(self, statement: Statement, head: records.Head | None, *, is_held: bool) -> str | None:
        """The product of the statement in force after this one."""
        if is_held:
            return head.product_id if head else None
        identity = identity_of_statement(statement)
        if identity is None:
            return None
        product_id = identity.id
        self._products[product_id] = identity
        return product_id

    def _file(
        self,
        firm: Firm,
        statement: Statement,
        record_id: str,
        version: int,
        recorded_at: datetime,
        content: bytes,
        region: str,
        source: Source,
    ) -> None:
        """Enter an accepted statement into its enterprise's file, with its event."""
        if statement.operation == "withdraw":
            former = firm.facts.pop(record_id, None)
            trace = fallen(former, str(statement.reason)) if former is not None else None
            if trace is not None:
                firm.facts[record_id] = trace
        else:
            from_register = statement.kind == "enterprise_registration"
            firm.take_name(statement.subject.name, recorded_at, from_register=from_register)
            firm.take_identifiers(
                registration_number=statement.subject.registration_number,
                organisation_code=statement.subject.organisation_code,
            )
            if statement.kind in self._book.choices:
                fact = fact_of_statement(statement, record_id, source)
                firm.put(record_id, marked(fact, self._marks.get(record_id)))
        firm.emit(
            _EVENT_OF[statement.operation], recorded_at, provider=self._provider.id, data=msgspec.Raw(content),
            kind=statement.kind, region=region, record_id=record_id, record_version=version,
        )  # fmt: skip

    def _leave(self, head: records.Head, recorded_at: datetime) -> None:
        """A corrected statement names another enterprise or region: the record leaves the file where it was, with an event
        for whoever was told of it there."""
        former = self._firms[head.uscc]
        former.facts.pop(head.record_id, None)
        self._left.add(head.uscc)
        former.emit(
            "record_withdrawn", former.tick(recorded_at), provider=self._provider.id,
            data={"record_id": head.record_id, "version": head.version, "reason": "moved"},
            kind=head.kind, region=self._region_in_force(head), record_id=head.record_id,
            record_version=head.version,
        )  # fmt: skip

    def _region_in_force(self, head: records.Head) -> str:
        """The region of a record's statement in force before the item at hand."""
        if head.record_id not in self._regions:
            # the page has others like it: their regions are read together
            known = [record_id for record_id, other in self._heads.items() if not other.is_new]
            self._regions = records.regions_of(self._session, known) | self._regions
        return self._regions[head.record_id]

    def _content(
        self, record_id: str, version: int, recorded_at: datetime, canonical: bytes, source: Source
    ) -> bytes:
        return content_of(
            record_id.encode(), version, provider=self._provider_text, recorded_at=instant_of(recorded_at), source=source,
            canonical=canonical,
        )  # fmt: skip

    def _firm(self, code: str, region: str) -> Firm:
        if code not in self._firms:
            own = uscc.region_of(code)
            self._firms[code] = Firm.unknown(code, own if regions.known(own) else region, self._now)
        return self._firms[code]

    def _id(self, statement: Statement) -> str:
        return record_id_of(self._provider.id, statement.kind, statement.source_record_id)

    def regraded(self) -> list[tuple[Firm, tuple[Any, ...]]]:
        """The enterprises that changed, graded anew, each with the row of its card."""
        known = {head.uscc for head in self._changed_heads.values() if not head.is_new} | self._left
        # one enterprise after the other, as long as its facts are at hand; few have anything to compare first
        rows: list[tuple[Firm, tuple[Any, ...] | None]] = [
            (firm, None)
            if self._differences.look(firm, is_changed=code in known)
            else (firm, self._card_row(firm))
            for code, firm in self._firms.items()
            if firm.is_changed
        ]
        # ask about acts of which statements differ, settle what differs no more, queue what may be one act
        self._differences.settle(self._stated_here, self._provider.id)
        return [(firm, row or self._card_row(firm)) for firm, row in rows]

    def _card_row(self, firm: Firm) -> tuple[Any, ...]:
        province = self._credit.settings.province
        return firm.card_row(
            self._book, self._today, province, self._now, provider=self._provider.id, cause="records"
        )

    def _stated_here(self, ids: set[str]) -> dict[str, str | bytes]:
        """The statements of some records that this page brings into force."""
        return {row[0]: row[-1] for row in self.versions if row[0] in ids and row[8] != RecordState.HELD}

    def write(self, session: WriteSession) -> None:
        """Regrade what changed and write everything."""
        regraded = self.regraded()
        changed = [firm for firm, _ in regraded]
        enterprises.write(session, [firm.state for firm in changed])
        enterprises.write_names(session, [naming for firm in changed for naming in firm.namings])
        aliases.remember(session, (alias for firm in changed for alias in firm.aliases), self._now)
        products.enter(session, self._products)
        records.write_heads(session, list(self._changed_heads.values()))
        records.write_versions(session, self.versions)
        self._queue.write(session)
        self._personal.write(session)
        self._differences.write(session)
        cards.write(session, [row for _, row in regraded], known=self._letters)
        outbox.append(session, [event for firm in changed for event in firm.events])
