"""The queue of possible duplicates: kept in step with the files in the transaction that changes them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from services.credit.domain.facts import Fact
from services.credit.domain.likeness import Candidate, candidates, pairs_to_read
from services.credit.service.workspace import Firm
from services.credit.store import act_links, records
from services.credit.store.act_links import Waiting
from services.kernel.db import AnySession, WriteSession

Fresh = Callable[[set[str]], Mapping[str, str | bytes]]
"""Gives those statements of some records, by id, that are not stored yet."""


class Duplicates:
    """What one transaction puts into the queue and takes out of it."""

    def __init__(self, session: AnySession, now: datetime) -> None:
        self._session, self._now = session, now
        self._open: dict[str, tuple[Firm, list[tuple[Fact, Fact]]]] = {}
        self._found: list[tuple[str, list[Waiting], list[Candidate]]] = []

    def look(self, firm: Firm, *, is_changed: bool) -> bool:
        """Whether an enterprise's file has pairs that have to be read. `is_changed`: a known record changed, so that a pair
        may have gone."""
        pairs = pairs_to_read(firm.facts.values()) if len(firm.facts) > 1 else []
        if pairs or is_changed:
            self._open[firm.state.uscc] = firm, pairs
            return True
        return False

    def settle(self, fresh: Fresh) -> None:
        """Compare the queue with the pairs that were found."""
        if not self._open:
            return
        contents = self._contents(
            {fact.record_id for _, pairs in self._open.values() for pair in pairs for fact in pair}, fresh
        )
        waiting = act_links.candidates_of(self._session, self._open)
        for code, (firm, pairs) in self._open.items():
            decided = {frozenset((link.first, link.second)) for link in firm.links}
            wanted = {(each.first, each.second): each for each in candidates(pairs, contents, decided)}
            held = {(row.first, row.second): row for row in waiting.get(code, ())}
            kept = {
                key
                for key, row in held.items()
                if key in wanted and row.grounds == " ".join(wanted[key].grounds)
            }
            gone = [row for key, row in held.items() if key not in kept]
            new = [each for key, each in wanted.items() if key not in kept]
            if gone or new:
                self._found.append((code, gone, new))
        self._open.clear()

    def _contents(self, ids: set[str], fresh: Fresh) -> dict[str, dict[str, Any]]:
        told = dict(fresh(ids))
        told |= records.contents_in_force(self._session, sorted(ids - told.keys()))
        return {record_id: msgspec.json.decode(said) for record_id, said in told.items()}

    def write(self, session: WriteSession) -> None:
        """Keep what was found."""
        for code, gone, new in self._found:
            act_links.replace_candidates(session, code, gone, new, self._now)
