"""The platform's own data queries: asked in the transaction in which two statements of one act come to differ, settled in
the one in which they differ no more. One for each difference, however often the statements are sent again."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final
from uuid import uuid4

import msgspec

from services.credit.domain.data_query import DATA_QUERY, FIRST_TERM, PLATFORM, DataQueryState
from services.credit.domain.difference import Difference, differences_in, told_several_times
from services.credit.domain.facts import Fact
from services.credit.domain.mark import UNMARKED, told_mark
from services.credit.service import remedy_view
from services.credit.service.context import Credit
from services.credit.service.duplicates import Duplicates, Fresh
from services.credit.service.remedy_rules import rules_on
from services.credit.service.workspace import Firm
from services.credit.store import marks, records, remedies
from services.credit.tables import RemedyCase, RemedyStep
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession, WriteSession
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PUBLIC, MemberType, Operation

_encode: Final = msgspec.json.Encoder().encode
_TYPES: Final = frozenset({MemberType.MONEY, MemberType.CHOICE, MemberType.LIST, MemberType.DATE})
COMPARED: Final[Mapping[str, tuple[str, ...]]] = {
    code: tuple(each.name for each in kind.members if each.type in _TYPES and each.group == PUBLIC)
    for code, kind in KINDS.items()
}
"""The details that two statements of one act are compared by: amounts, dates and codes, no free text."""
WORDS: Final = (
    "本平台自动提出:同一行为的两份陈述不一致 / Asked by the platform: two statements of one act differ"
)


class Differences:
    """The queries that one transaction asks and settles, and what it queues as possible duplicates: told to the enterprises
    at once, written at its end."""

    def __init__(self, credit: Credit, session: AnySession, now: datetime) -> None:
        self._credit, self._session, self._now = credit, session, now
        self._duplicates = Duplicates(session, now)
        self._open: dict[str, tuple[Firm, list[list[Fact]]]] = {}
        self._asked: list[tuple[RemedyCase, RemedyStep]] = []
        self._settled: list[tuple[RemedyCase, datetime, RemedyStep]] = []

    def weigh(self, firms: Iterable[Firm], fresh: Fresh, changed: Collection[str], provider: str) -> None:
        """Compare the statements of each act that is told several times in the enterprises, in `changed` of which a known
        record changed."""
        for firm in firms:
            self.look(firm, is_changed=firm.state.uscc in changed)
        self.settle(fresh, provider)

    def look(self, firm: Firm, *, is_changed: bool) -> bool:
        """Whether there is anything to compare in an enterprise's file, or to settle. `is_changed`: a known record changed."""
        if firm.links:
            firm.tie()
        groups = told_several_times(firm.facts.values()) if len(firm.facts) > 1 else []
        if groups or is_changed:
            self._open[firm.state.uscc] = firm, groups
        return self._duplicates.look(firm, is_changed=is_changed) or bool(groups)

    def settle(self, fresh: Fresh, provider: str) -> None:
        """Compare what was found in the files that were looked at."""
        self._duplicates.settle(fresh)
        if not self._open:
            return
        contents = self._contents((groups for _, groups in self._open.values()), fresh)
        held = remedies.comparing(self._session, self._open.keys())
        for code, (firm, groups) in sorted(self._open.items()):
            wanted = [each for group in groups for each in differences_in(group, contents, COMPARED)]
            cases = [case for case in held if case.uscc == code]
            self._weigh_firm(firm, wanted, cases, contents, provider)
        self._open.clear()

    def _contents(self, groups: Iterable[list[list[Fact]]], fresh: Fresh) -> dict[str, dict[str, Any]]:
        ids = {fact.record_id for found in groups for group in found for fact in group}
        told = dict(fresh(ids))
        told |= records.contents_in_force(self._session, sorted(ids - told.keys()))
        read = {record_id: msgspec.json.decode(content) for record_id, content in told.items()}
        return {
            record_id: said for record_id, said in read.items() if said["operation"] != Operation.WITHDRAW
        }

    def _weigh_firm(
        self,
        firm: Firm,
        wanted: list[Difference],
        cases: list[RemedyCase],
        contents: Mapping[str, dict[str, Any]],
        provider: str,
    ) -> None:
        asked_for = {_digest(each, contents): each for each in wanted}
        for case in cases:
            digest = msgspec.json.decode(case.details)["digest"]
            if case.state in DATA_QUERY.open and digest not in asked_for:
                self._settle(firm, case, provider)
            elif case.state in DATA_QUERY.open or case.state == DataQueryState.CONFIRMED:
                asked_for.pop(digest, None)  # it is asked already, or the provider stands by its statement
        for digest, difference in asked_for.items():
            self._ask(firm, difference, digest, contents[difference.record_id], provider)

    def _ask(
        self, firm: Firm, difference: Difference, digest: str, content: Mapping[str, Any], provider: str
    ) -> None:
        today, recorded_at = shanghai_day(self._now), firm.tick(self._now)
        details = {
            "statement": WORDS, "field": difference.fields[0], "evidence": [], "fields": list(difference.fields),
            "compared_with": difference.compared_with, "digest": digest,
        }  # fmt: skip
        case = RemedyCase(
            id=uuid4().hex, type=DATA_QUERY.type, uscc=firm.state.uscc, record_id=difference.record_id,
            record_version=content["version"], kind=content["kind"], region=content["region"], filer=PLATFORM,
            provider=content["provider"], state=DATA_QUERY.first, version=1, received_on=today, filed_at=recorded_at,
            rules=rules_on(today).id, term=FIRST_TERM.id, since=today, compared_with=difference.compared_with,
            details=_encode(details).decode(),
        )  # fmt: skip
        self._tell(firm, case, "asked", recorded_at, provider, content["version"], details)
        self._asked.append((case, _step(case, 1, "file", case.state, recorded_at, firm, details)))

    def _settle(self, firm: Firm, case: RemedyCase, provider: str) -> None:
        recorded_at, state = firm.tick(self._now), DataQueryState.SETTLED
        step = _step(case, case.version + 1, "settle", state, recorded_at, firm, {})
        told = RemedyCase(**(case.model_dump() | {"state": state, "term": None, "since": None}))
        self._tell(firm, told, "settled", recorded_at, provider, case.record_version, {})
        step.enterprise_version = firm.state.version
        self._settled.append((case, recorded_at, step))

    def _tell(
        self,
        firm: Firm,
        case: RemedyCase,
        event: str,
        recorded_at: datetime,
        provider: str,
        version: int,
        details: Mapping[str, Any],
    ) -> None:
        due = remedy_view.deadline_of(self._credit, case)
        mark = marks.read(self._session, [case.record_id]).get(case.record_id, UNMARKED)
        data = {
            "id": case.id, "state": case.state, "on": shanghai_day(self._now), "filer": PLATFORM, "term": case.term,
            "due_on": due.due_on if due else None, "due_estimated": due.is_estimated if due else False,
            "rules": case.rules, "mark": told_mark(mark),
        } | {name: value for name, value in details.items() if name in remedy_view.OPEN_TO_ALL}  # fmt: skip
        firm.emit(
            f"{DATA_QUERY.type}_{event}", recorded_at, provider=provider, data=data, kind=case.kind,
            region=case.region, record_id=case.record_id, record_version=version,
        )  # fmt: skip

    def write(self, session: WriteSession) -> None:
        """Enter what was asked, settled and queued."""
        self._duplicates.write(session)
        for case, recorded_at, step in self._settled:
            case.state, case.term, case.since = step.state, None, None
            case.version, case.closed_at = step.no, recorded_at
            remedies.add(session, case, step)
        for case, step in self._asked:
            remedies.add(session, case, step)


def _step(
    case: RemedyCase,
    no: int,
    action: str,
    state: str,
    recorded_at: datetime,
    firm: Firm,
    details: Mapping[str, Any],
) -> RemedyStep:
    return RemedyStep(
        case_id=case.id, no=no, action=action, state=state, agency=PLATFORM, on=shanghai_day(recorded_at),
        recorded_at=recorded_at, enterprise_version=firm.state.version, details=_encode(details).decode(),
    )  # fmt: skip


def _digest(difference: Difference, contents: Mapping[str, Mapping[str, Any]]) -> str:
    """Equal for one difference however often its statements are sent again, other when what is said differs otherwise."""
    said = [
        [_at(contents.get(record_id, {}), pointer) for pointer in difference.fields]
        for record_id in (difference.record_id, difference.compared_with)
    ]
    return blake2b(_encode([*difference, said]), digest_size=16).hexdigest()


def _at(content: Mapping[str, Any], pointer: str) -> Any:
    value: Any = content
    for name in pointer.split("/")[1:]:
        value = value.get(name) if isinstance(value, dict) else None
    return value
