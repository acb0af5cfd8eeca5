"""The queue of possible duplicates: kept in step with the files in the transaction that changes them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.credit.domain.likeness import Candidate, candidates, pairs_to_read
from services.credit.service.workspace import Firm
from services.credit.store import act_links, records
from services.credit.tables import ActCandidate
from services.kernel.db import AnySession, WriteSession


class Duplicates:
    """What one transaction puts into the queue and takes out of it."""

    def __init__(self, session: AnySession, now: datetime) -> None:
        self._session, self._now = session, now
        self._found: list[tuple[str, list[ActCandidate], list[Candidate]]] = []

    def look(self, firms: Sequence[Firm], fresh: Mapping[str, str | bytes], changed: Collection[str]) -> None:
        """Look through the files of enterprises. `fresh` are statements by record id that are not stored yet, `changed`
        the enterprises in which a known record changed, so that a pair may have gone."""
        pairs = {
            firm.state.uscc: found
            for firm in firms
            if len(firm.facts) > 1 and (found := pairs_to_read(firm.facts.values()))
        }
        by_code = {firm.state.uscc: firm for firm in firms}
        codes = pairs.keys() | (by_code.keys() & set(changed))
        if not codes:
            return
        ids = {fact.record_id for found in pairs.values() for pair in found for fact in pair}
        contents = self._contents(ids, fresh)
        waiting = act_links.candidates_of(self._session, codes)
        for code in codes:
            decided = {frozenset((link.first, link.second)) for link in by_code[code].links}
            wanted = {
                (each.first, each.second): each for each in candidates(pairs.get(code, ()), contents, decided)
            }
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

    def _contents(self, ids: set[str], fresh: Mapping[str, str | bytes]) -> dict[str, dict[str, Any]]:
        stored = records.contents_in_force(self._session, sorted(ids - fresh.keys()))
        told = {record_id: fresh[record_id] for record_id in ids & fresh.keys()}
        return {record_id: msgspec.json.decode(said) for record_id, said in (stored | told).items()}

    def write(self, session: WriteSession) -> None:
        """Keep what was found."""
        for code, gone, new in self._found:
            act_links.replace_candidates(session, code, gone, new, self._now)
