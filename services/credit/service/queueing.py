"""What a page does to the queue of held items: items enter it, leave it, or are settled by a decision of before."""

from datetime import datetime
from typing import Final

from services.credit.domain.holding import HeldState
from services.credit.domain.intake import Decision, RecordState
from services.credit.service.identification import DENIED, Judgement
from services.credit.service.statement import Statement
from services.credit.store import held_items
from services.credit.store.held_items import Entry
from services.credit.store.records import Head
from services.kernel.db import WriteSession

_POINTERS: Final = {
    "producer_unconfirmed": "/parties",
    "producer_denied": "/parties",
    "subject_uncertain": "/subject",
}


def pointer_of(fault: str) -> str:
    """The member of an item at which a fault that is found in applying it lies."""
    return _POINTERS.get(fault, "/source_record_id")


class Queue:
    """The changes of the queue that one page makes, kept in memory until it is written."""

    def __init__(self, provider: str, now: datetime) -> None:
        self._provider, self._now = provider, now
        self._entries: dict[str, Entry] = {}
        self._overtaken: set[str] = set()

    def note(
        self,
        statement: Statement,
        record_id: str,
        decision: Decision,
        judged: Judgement | None,
        former: Head | None,
    ) -> None:
        """Note what one applied item means for the queue; nothing, for nearly all of them."""
        is_held = decision.state is RecordState.HELD
        if judged is not None and (is_held or judged.is_decided):
            self._enter(statement, record_id, decision, judged, former, is_held=is_held)
        elif former is not None and (former.state == RecordState.HELD or not former.uscc):
            self._entries.pop(record_id, None)
            self._overtaken.add(record_id)

    def _enter(
        self,
        statement: Statement,
        record_id: str,
        decision: Decision,
        judged: Judgement,
        former: Head | None,
        *,
        is_held: bool,
    ) -> None:
        version = decision.version or 1
        prior = former.current_version if former else None
        state = HeldState.RELEASED
        if is_held:
            state = HeldState.DENIED if judged.hold == DENIED else HeldState.WAITING
        self._overtaken.discard(record_id)
        self._entries[record_id] = Entry(
            record_id=record_id, question=judged.question, reason=judged.reason, state=state, provider=self._provider,
            kind=statement.kind, region=str(statement.region), uscc=statement.subject.uscc or "",
            held_version=version if is_held else version - 1, released_version=None if is_held else version,
            prior_version=prior, prior_uscc=former.uscc if former and prior is not None else None,
            subject_decision=judged.subject_decision, producer_decision=judged.producer_decision, since=self._now,
        )  # fmt: skip

    def write(self, session: WriteSession) -> None:
        """Write what the page changed."""
        held_items.enter(session, list(self._entries.values()))
        held_items.overtake(session, sorted(self._overtaken))
