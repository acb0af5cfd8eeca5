"""Records between the queue and the files: released into one by a decision, taken out of it when the decision is undone.

What an agency sent stays a version of its own. A release makes the version after it, with what the decision entered, and
the one change event that the item owes; taking it back is an event as well, never a deletion.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from services.credit.domain.facts import fact_of_content
from services.credit.domain.holding import HeldState, HoldReason
from services.credit.domain.intake import RecordState
from services.credit.domain.mark import marked, told_mark
from services.credit.domain.past import MOVED, UNATTRIBUTED
from services.credit.domain.product import Identity, identity_of_content
from services.credit.domain.rules import RuleBook
from services.credit.service.confirmation import confirm_producer, is_confirmed, needs_confirmation
from services.credit.service.context import Credit
from services.credit.service.differences import Differences
from services.credit.service.identification import producer_question
from services.credit.service.opened import opened_firms
from services.credit.service.personal import PersonalData
from services.credit.service.statement import Statement, statement_of
from services.credit.service.workspace import Firm, instant_text
from services.credit.store import marks, products, records
from services.credit.store.records import Head, StoredVersion
from services.credit.tables import HeldDecision, HeldItem
from services.kernel import regions, uscc
from services.kernel.db import WriteSession

_encode: Final = msgspec.json.Encoder().encode
_HEAD: Final = ("record_id", "version", "provider", "recorded_at")
_SOURCE: Final = ("secondhand", "authority_code")
"""What a stored version says besides what was stated: its head, and its source."""
_EVENT_OF: Final = {"upsert": "record_upserted", "correct": "record_corrected"}


def statement_in(content: str) -> Statement:
    """The statement of a stored version; personal data stay masked as they are stored."""
    document: dict[str, Any] = msgspec.json.decode(content)
    return statement_of({name: value for name, value in document.items() if name not in _HEAD + _SOURCE})


def release(
    credit: Credit, session: WriteSession, rows: Sequence[HeldItem], decision: HeldDecision, now: datetime
) -> None:
    """Put waiting items of one question into files. What then still waits for its producer stays in the queue."""
    releasing = _Moving(credit, session, rows, decision, now)
    sound = [row for row in rows if releasing.prepare(row)]
    releasing.run(sound, releasing.file)


def take_back(
    credit: Credit, session: WriteSession, rows: Sequence[HeldItem], decision: HeldDecision, now: datetime
) -> None:
    """Put items that a decision settled back into the queue, out of the files into which it put them."""
    moving = _Moving(credit, session, rows, decision, now)
    filed = [row for row in rows if moving.prepare_back(row)]
    moving.run(filed, moving.withdraw)


class _Moving:
    """One move of several records, inside one transaction."""

    def __init__(
        self,
        credit: Credit,
        session: WriteSession,
        rows: Sequence[HeldItem],
        decision: HeldDecision,
        now: datetime,
    ) -> None:
        self._credit, self._session, self._decision, self._now = credit, session, decision, now
        self._heads = records.read_heads(session, [row.record_id for row in rows])
        self._marks = marks.read(session, list(self._heads))
        self._personal = PersonalData(credit.settings)
        self._versions: list[tuple[Any, ...]] = []
        self._book: RuleBook = credit.rulebook(session)
        self._statements: dict[str, tuple[StoredVersion, Statement]] = {}
        self._firms: Mapping[str, Firm] = {}
        self._products: dict[str, Identity] = {}
        self._differences, self._fresh = Differences(credit, session, now), dict[str, str | bytes]()

    def prepare(self, row: HeldItem) -> bool:
        """Enter the decision into a waiting item; whether it can go into a file now."""
        held = records.find_version(self._session, row.record_id, row.held_version)
        statement = statement_in(held.content)
        if row.reason == HoldReason.SUBJECT_UNCERTAIN:
            row.uscc, row.subject_decision = self._decision.uscc or "", self._decision.id
        else:
            row.producer_decision = self._decision.id
        statement.subject.uscc = row.uscc
        if row.reason == HoldReason.PRODUCER_UNCONFIRMED:
            confirm_producer(statement)
        row.step += 1
        self._session.add(row)
        if needs_confirmation(statement) and not is_confirmed(statement):
            row.reason = HoldReason.PRODUCER_UNCONFIRMED
            row.question = producer_question(row.provider, statement)
            return False
        row.state = HeldState.RELEASED
        self._statements[row.record_id] = (held, statement)
        return True

    def prepare_back(self, row: HeldItem) -> bool:
        """Enter the undoing into an item; whether it is in a file by this decision still."""
        was_released, head = row.state == HeldState.RELEASED, self._heads[row.record_id]
        if was_released and head.version != row.released_version:
            # its provider has said it all anew since then
            row.state, row.released_version = HeldState.OVERTAKEN, None
            row.subject_decision = row.producer_decision = None
            row.step += 1
            self._session.add(row)
            return False
        row.state = HeldState.WAITING
        row.step += 1
        if row.subject_decision == self._decision.id:
            row.reason, row.question = HoldReason.SUBJECT_UNCERTAIN, self._decision.question
            row.uscc, row.subject_decision, row.producer_decision = "", None, None
        else:
            row.reason, row.question = HoldReason.PRODUCER_UNCONFIRMED, self._decision.question
            row.producer_decision = None
        self._session.add(row)
        return was_released

    def run(self, rows: Sequence[HeldItem], act: Any) -> None:
        """Lock and open every enterprise concerned, act on each item, write."""
        heads = [self._heads[row.record_id] for row in rows]
        codes = {head.uscc for head in heads} | {row.prior_uscc or "" for row in rows}
        unknown = {row.uscc: _home_of(row) for row in rows if row.uscc}
        with opened_firms(
            self._credit, self._session, codes - {""}, self._now, provider=self._decision.agency, cause="records",
            unknown=unknown,
        ) as self._firms:  # fmt: skip
            for row in rows:
                act(row)
            firms = list(self._firms.values())
            self._differences.weigh(firms, self._stated_here, list(self._firms), self._decision.agency)
        products.enter(self._session, self._products)
        records.write_heads(self._session, heads)
        records.write_versions(self._session, self._versions)
        self._personal.write(self._session)
        self._differences.write(self._session)
        self._session.flush()

    def _stated_here(self, ids: set[str]) -> dict[str, str | bytes]:
        return {record_id: self._fresh[record_id] for record_id in ids & self._fresh.keys()}

    def file(self, row: HeldItem) -> None:
        """Put one item into its enterprise's file."""
        held, statement = self._statements[row.record_id]
        head, firm = self._heads[row.record_id], self._firms[row.uscc]
        row.prior_version = head.current_version
        row.prior_uscc = head.uscc if head.current_version is not None else None
        is_moved = head.uscc != row.uscc
        if head.current_version is not None:
            told = records.regions_of(self._session, [row.record_id])[row.record_id]
            if is_moved or told != held.region:
                self._leave(head, MOVED, told)
                is_moved = True
        head.uscc = row.uscc
        head.version, head.state = head.version + 1, str(RecordState.CURRENT)
        head.current_version, head.occurred_on = head.version, statement.occurred_on
        row.released_version = head.version
        recorded_at = firm.tick(self._now)
        content = self._keep(held, head, recorded_at, _encode(statement), RecordState.CURRENT)
        firm.take_name(
            statement.subject.name, recorded_at, from_register=statement.kind == "enterprise_registration"
        )
        if (
            row.subject_decision is None
        ):  # numbers of a subject that a person chose are not thereby the firm's
            firm.take_identifiers(
                registration_number=statement.subject.registration_number,
                organisation_code=statement.subject.organisation_code,
            )
        self._enter(firm, head, held, content, recorded_at, _EVENT_OF[statement.operation], head.version)
        if is_moved:
            self._tell_mark(firm, head, held)

    def withdraw(self, row: HeldItem) -> None:
        """Take one item out of the file into which a decision put it; what stood there before stands there again."""
        head, held = (
            self._heads[row.record_id],
            records.find_version(self._session, row.record_id, row.held_version),
        )
        self._leave(head, UNATTRIBUTED, held.region)
        head.version, head.state = head.version + 1, str(RecordState.HELD)
        head.uscc, head.current_version, head.product_id = row.uscc, None, None
        statement = statement_in(held.content)
        self._keep(held, head, self._now, _encode(statement), RecordState.HELD)
        row.held_version, row.released_version = head.version, None
        if row.prior_version is None or row.prior_uscc is None:
            return
        prior = records.find_version(self._session, row.record_id, row.prior_version)
        head.uscc, head.current_version, head.occurred_on = (
            row.prior_uscc,
            row.prior_version,
            prior.occurred_on,
        )
        firm = self._firms[head.uscc]
        recorded_at = firm.tick(self._now)
        content = prior.content.encode()
        self._enter(firm, head, prior, content, recorded_at, "record_corrected", row.prior_version)
        self._tell_mark(firm, head, prior)

    def _leave(self, head: Head, reason: str, region: str) -> None:
        firm = self._firms[head.uscc]
        firm.facts.pop(head.record_id, None)
        firm.emit(
            "record_withdrawn", firm.tick(self._now), provider=head.provider,
            data={"record_id": head.record_id, "version": head.version, "reason": reason}, kind=head.kind, region=region,
            record_id=head.record_id, record_version=head.version,
        )  # fmt: skip

    def _enter(
        self,
        firm: Firm,
        head: Head,
        stored: StoredVersion,
        content: bytes,
        recorded_at: datetime,
        event: str,
        version: int,
    ) -> None:
        self._fresh[head.record_id] = content
        product = identity_of_content(msgspec.json.decode(content))
        head.product_id = product.id if product else None
        if product is not None:
            self._products[product.id] = product
        if head.kind in self._book.choices:
            fact = fact_of_content(msgspec.json.decode(content), head.record_id)
            firm.facts[head.record_id] = marked(fact, self._marks.get(head.record_id))
        firm.emit(
            event, recorded_at, provider=head.provider, data=msgspec.Raw(content), kind=head.kind, region=stored.region,
            record_id=head.record_id, record_version=version,
        )  # fmt: skip

    def _tell_mark(self, firm: Firm, head: Head, stored: StoredVersion) -> None:
        mark = self._marks.get(head.record_id)
        if mark is not None:
            firm.emit(
                "record_marked", firm.tick(self._now), provider=head.provider, data={"mark": told_mark(mark)},
                kind=head.kind, region=stored.region, record_id=head.record_id, record_version=head.current_version,
            )  # fmt: skip

    def _keep(
        self, held: StoredVersion, head: Head, recorded_at: datetime, statement: bytes, state: RecordState
    ) -> bytes:
        """A new version with the words of a held one."""
        begin = {
            "record_id": head.record_id, "version": head.version, "provider": head.provider,
            "recorded_at": instant_text(recorded_at),
        } | _source_in(held.content)  # fmt: skip
        content = _encode(begin)[:-1] + b"," + statement[1:]
        self._versions.append(
            (head.record_id, head.version, head.uscc, held.kind, held.region, held.occurred_on, held.assertion,
             held.effect, str(state), recorded_at, held.batch_id, content.decode())
        )  # fmt: skip
        self._personal.carry(self._session, self._credit.settings, head.record_id, held.version, head.version)
        return content


def _source_in(content: str) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(content)
    return {name: document[name] for name in _SOURCE if name in document}


def _home_of(row: HeldItem) -> str:
    """The region of an enterprise that gets its file with this item: that of its code."""
    own = uscc.region_of(row.uscc)
    return own if regions.known(own) else row.region
