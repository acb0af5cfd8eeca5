"""Records of a predecessor, when its successor sends them: the same record goes on, in the successor's name.

A record's id is a digest of who first stated it, so what a successor sends is looked for under its own id and under
those of the agencies that it succeeded, for the kinds and regions that went over. Its past versions stay theirs.

A repeated registration (`upsert`) goes on with the predecessor's record of the same number only about the same
enterprise: a successor that numbers from 1 again makes records of its own. What it does not say about the authority is
left to the one who determined: a whole register sent again under the new name finds everything unchanged.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from services.credit.service.reading import Item
from services.credit.service.source import OWN, Source
from services.credit.service.statement import Authority, Statement
from services.credit.store import records
from services.kernel.db import AnySession
from services.kernel.faults import fault
from services.kernel.policy import AgencyFact, Policy
from services.kernel.texts import Language

RecordId = Callable[[str, str, str], str]
"""Makes a record's id of who first stated it, of what kind, under which number."""


class Inheritance:
    """What an agency took over from others by a day; false when there is nothing."""

    def __init__(self, provider: AgencyFact, policy: Policy, on: date) -> None:
        self._provider, self._line, self._on = provider, policy.succession, on
        former = self._line.predecessors(provider.id, on)
        self._former = [policy.agency[agency] for agency in former if agency in policy.agency]

    def __bool__(self) -> bool:
        return bool(self._former)

    def resolve(
        self,
        session: AnySession,
        items: Sequence[Item],
        ids: Sequence[str],
        id_of: RecordId,
        language: Language,
    ) -> tuple[list[Item], list[str]]:
        """The items with the ids of the records that they go on with; an item that may mean several is at fault."""
        named = [self._named(item.statement, id_of) if item.statement else {} for item in items]
        wanted = {*ids, *(record_id for ids_of_item in named for record_id in ids_of_item)} - {""}
        heads = records.read_heads(session, list(wanted))
        found = [
            self._resolved(item, own, former, heads, language)
            for item, own, former in zip(items, ids, named, strict=True)
        ]
        return [item for item, _ in found], [record_id for _, record_id in found]

    def _resolved(
        self,
        item: Item,
        own: str,
        former: Mapping[str, AgencyFact],
        heads: Mapping[str, records.Head],
        language: Language,
    ) -> tuple[Item, str]:
        statement = item.statement
        going_on = [] if statement is None or own in heads else _going_on(statement, former, heads)
        if statement is None or not going_on:
            return item, own
        if len(going_on) > 1:
            refusal = fault("record_ambiguous", "/authority/uscc", language)
            return replace(item, statement=None, faults=[refusal]), ""
        [record_id] = going_on
        if statement.operation == "upsert" and _names(statement.authority, self._provider):
            statement.authority = Authority(former[record_id].uscc, former[record_id].name)
        return item, record_id

    def source(self, statement: Statement, source: Source) -> Source:
        """The source of a statement: where the deciding authority is an agency in whose place this one stands, its word is
        no copy."""
        if not source.secondhand or not self._former:
            return source
        code = source.authority_code or (statement.authority.uscc if statement.authority else None)
        if not any(agency.uscc == code and self._took_over(agency, statement) for agency in self._former):
            return source
        return Source(authority_code=source.authority_code) if source.authority_code else OWN

    def _took_over(self, agency: AgencyFact, statement: Statement) -> bool:
        heir = self._line.heir(agency.id, statement.kind, str(statement.region), self._on)
        return heir == self._provider.id

    def _named(self, statement: Statement, id_of: RecordId) -> dict[str, AgencyFact]:
        """The ids that a predecessor's record of this number would have, by predecessor."""
        return {
            id_of(agency.id, statement.kind, statement.source_record_id): agency
            for agency in self._former
            if self._took_over(agency, statement)
        }


def _going_on(
    statement: Statement, former: Mapping[str, AgencyFact], heads: Mapping[str, records.Head]
) -> list[str]:
    """The predecessors' records that an item may go on with."""
    known = [
        record_id
        for record_id in former
        if record_id in heads
        and (statement.operation != "upsert" or heads[record_id].uscc == (statement.subject.uscc or ""))
    ]
    if len(known) > 1:  # two predecessors gave the same number: whose record it is stands in the authority
        return [record_id for record_id in known if _names(statement.authority, former[record_id])] or known
    return known


def _names(authority: Authority | None, agency: AgencyFact) -> bool:
    return authority is not None and authority.uscc == agency.uscc
