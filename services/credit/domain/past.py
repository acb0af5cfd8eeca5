"""A file as it stood earlier: the events of an enterprise, folded in order up to an instant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from services.credit.domain.act import Link, fallen, tied
from services.credit.domain.facts import FIELDS, Fact, fact_of_content
from services.credit.domain.mark import Mark, marked, read_mark
from services.credit.domain.restructuring import TOLD

STATED: Final = frozenset({"record_upserted", "record_corrected"})
WITHDRAWN: Final = "record_withdrawn"
ACTS_LINKED: Final = "acts_linked"
ACTS_UNLINKED: Final = "acts_unlinked"
MOVED: Final = "moved"
"""The reason of a withdrawal whose record went on to another enterprise's file; its mark went with it."""
UNATTRIBUTED: Final = "unattributed"
"""The reason of a withdrawal whose record waits again, because the decision that put it there was undone."""


class PastEvent(NamedTuple):
    """One event of an enterprise as the journal holds it; `data` of a stated record is the record itself."""

    type: str
    enterprise_version: int
    recorded_at: datetime
    region: str | None
    record_id: str | None
    data: Mapping[str, Any]


@dataclass(slots=True)
class PastFile:
    """What was known of an enterprise: its name, the facts in force by record, and the region of each. `stated` are the
    facts as their records state them, over which the `marks` of remedies are laid, and the `links` that people made."""

    uscc: str
    name: str = ""
    registered: bool = False
    version: int = 0
    facts: dict[str, Fact] = field(default_factory=dict)
    stated: dict[str, Fact] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    successors: tuple[str, ...] = ()
    links: dict[str, Link] = field(default_factory=dict)

    def take(self, event: PastEvent) -> None:
        """Learn what one event told."""
        self.version = event.enterprise_version
        record_id = event.record_id
        if event.type in TOLD:
            self.successors = tuple(event.data["succeeded_by"])
        if record_id is None:
            return
        if event.type in STATED:
            kind = event.data["kind"]
            self._take_name(
                event.data["subject"].get("name"), from_register=kind == "enterprise_registration"
            )
            self.regions[record_id] = event.region or ""
            if kind in FIELDS:
                self.stated[record_id] = fact_of_content(event.data, record_id)
                self._mark(record_id)
        elif event.type == WITHDRAWN:
            self._withdraw(record_id, str(event.data.get("reason")))
        elif event.type == ACTS_LINKED:
            link = Link(**event.data["link"])
            self.links[link.id] = link
        elif event.type == ACTS_UNLINKED:
            self.links.pop(event.data["link"]["id"], None)
            self.facts = tied(self.facts, self.links.values())
        elif "mark" in event.data:
            self.marks[record_id] = read_mark(event.data["mark"])
            self._mark(record_id)
        if self.links:
            self.facts = tied(self.facts, self.links.values())

    def _withdraw(self, record_id: str, reason: str) -> None:
        former = self.stated.get(record_id)
        for held in (self.facts, self.stated, self.regions):
            held.pop(record_id, None)
        if reason in (MOVED, UNATTRIBUTED):
            self.marks.pop(record_id, None)
        elif former is not None and (trace := fallen(former, reason)) is not None:
            self.facts[record_id] = self.stated[record_id] = trace

    def _mark(self, record_id: str) -> None:
        # nothing is laid over the trace of what fell, which has no region any more
        if record_id in self.regions and record_id in self.stated:
            self.facts[record_id] = marked(self.stated[record_id], self.marks.get(record_id))

    def _take_name(self, name: str | None, *, from_register: bool) -> None:
        """The register's word prevails; another source only names a firm that has no name yet."""
        if name and (from_register or not (self.registered or self.name)):
            self.name = name
        self.registered = self.registered or from_register


def file_at(uscc: str, events: Iterable[PastEvent], known_at: datetime) -> PastFile | None:
    """The file by an instant; None when nothing of the enterprise was known yet. `events` come in order of versions,
    in which their instants strictly rise."""
    found = PastFile(uscc)
    for event in events:
        if event.recorded_at > known_at:
            break
        found.take(event)
    return found if found.version else None
