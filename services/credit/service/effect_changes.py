"""Whether the effect that a statement gives a decision can follow the one that it has."""

from collections.abc import Mapping

from services.credit.domain.effect import may_follow
from services.credit.service.statement import Statement
from services.credit.service.workspace import Firm
from services.credit.store import records
from services.kernel.db import AnySession
from services.kernel.faults import Fault, fault
from services.kernel.texts import Language


def effect_fault(
    session: AnySession,
    statement: Statement,
    head: records.Head | None,
    firms: Mapping[str, Firm],
    language: Language,
) -> Fault | None:
    """What is wrong with the effect that a record in force is now said to have; corrections may say anything."""
    if head is None or statement.operation != "upsert" or head.current_version is None:
        return None
    firm = firms.get(head.uscc)
    fact = firm.facts.get(head.record_id) if firm else None
    before = fact.effect if fact else records.effect_in_force(session, head.record_id)
    if before is None or may_follow(before, statement.effect):
        return None
    return fault("effect_not_possible", "/effect", language, before=before, after=statement.effect)
