"""Changes: what a caller may see of the journal after its cursor, with the range that this covers stated.

A page covers all `seq` up to its end, what was filtered out included, so that a consumer can prove that it missed
nothing. A cursor binds epoch, seq, the caller and its filter.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from services.exchange.store.journal_lane import Found, HeadState, JournalLane, Reader, Slice
from services.kernel import paging
from services.kernel.policy import Reach
from services.kernel.problems import Problem
from services.kernel.projection import kind_and_region, project_event, withheld_groups

SCANNED: Final = 50_000
"""How many places one page looks at most, so that a narrow grant still gets pages in time."""
_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Question:
    """What a caller asks: after which place, within which slices of the journal, under which version of its grants."""

    reader: Reader
    kind: str | None
    after: int
    slices: list[Slice]
    grant_version: int
    cursor_key: bytes
    reach: Reach | None = None
    """Set when the caller's grants withhold some field groups, so that events must be projected."""

    def shown(self, event: str) -> str:
        """An event as the caller may see it."""
        return event if self.reach is None else projected(event, self.reach)

    @property
    def binding(self) -> str:
        """What its cursors are bound to."""
        return _binding(self.reader.agency, self.kind)

    def envelope(self, head: HeadState, through: int) -> dict[str, Any]:
        """A page without its events."""
        cursor = paging.encode(
            self.cursor_key, [head.epoch, through, self.grant_version], binding=self.binding
        )
        return {
            "epoch": head.epoch, "covers": {"after": self.after, "through": through}, "head": head.seq,
            "grant_version": self.grant_version, "next": cursor, "more": through < head.seq,
        }  # fmt: skip


def _binding(agency: str, kind: str | None) -> str:
    return f"changes:{agency}:{kind or '*'}"


async def start_of(
    lane: JournalLane,
    head: HeadState,
    cursor: str | None,
    *,
    agency: str,
    kind: str | None,
    cursor_key: bytes,
    succeeded: Sequence[str] = (),
) -> int:
    """The place after which to go on; a cursor of an agency that the caller succeeded is good for it too.

    Raises:
        Problem: `cursor_invalid`; `cursor_expired` when what follows is no longer served; `epoch_forked`.
    """
    if cursor is None:
        return head.floor
    bindings = [_binding(holder, kind) for holder in (agency, *succeeded)]
    epoch, seq, _ = paging.decode(cursor_key, cursor, bindings=bindings)
    after = int(seq or 0)
    if epoch != head.epoch:
        fork = await lane.forks(int(epoch or 0))
        if fork is not None and after > fork:
            raise Problem(
                "epoch_forked", faults=[{"code": "fork", "field": "query:after", "message": str(fork)}]
            )
    if after < head.floor:
        raise Problem("cursor_expired")
    if after > head.seq:
        raise Problem("cursor_invalid")
    return after


async def wait_for_more(lane: JournalLane, question: Question, seconds: int) -> HeadState:
    """The head, once something that the caller may see lies behind its cursor, or the time is over."""
    loop = asyncio.get_running_loop()
    deadline, looked = loop.time() + seconds, question.after
    while True:
        head = await lane.head()
        if head.seq > looked and await lane.page(looked, head.seq, question.slices, question.reader, 1):
            return head
        looked = head.seq
        if loop.time() >= deadline:
            return head
        await asyncio.sleep(_POLL_SECONDS)


@dataclass(frozen=True)
class Page:
    """Events at their places, and through which place they answer the question."""

    found: Sequence[Found]
    through: int


async def page(lane: JournalLane, head: HeadState, question: Question, limit: int) -> Page:
    """One page of at most `limit` events."""
    reach = min(head.seq, question.after + SCANNED)
    found = await lane.page(question.after, reach, question.slices, question.reader, limit)
    return Page(found, found[-1].seq if len(found) == limit else reach)


async def stream(lane: JournalLane, head: HeadState, question: Question) -> AsyncIterator[bytes]:
    """Everything to the head as lines, then the control line that lets the consumer advance."""
    chunks = lane.stream(question.after, head.seq, question.slices, question.reader)
    async for chunk in chunks if question.reach is None else _projected_lines(chunks, question):
        yield chunk
    yield control_line(question.envelope(head, head.seq))


async def _projected_lines(chunks: AsyncIterator[bytes], question: Question) -> AsyncIterator[bytes]:
    """Chunks cut anywhere, as whole lines of projected events."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if lines:
            yield "".join(f"{question.shown(line.decode())}\n" for line in lines).encode()
    if rest:
        yield f"{question.shown(rest.decode())}\n".encode()


def narrowing(reach: Reach) -> Reach | None:
    """The reach when it withholds a field group of some kind somewhere; None when stored bytes may go out as they are."""
    is_whole = all(not withheld_groups(kind, reach.groups_everywhere(kind)) for kind in reach.kinds)
    return None if is_whole else reach


def projected(event: str, reach: Reach) -> str:
    """An event with the field groups that a reach covers where it happened."""
    kind, region = kind_and_region(event)
    return event if kind is None else project_event(event, kind, reach.groups(kind, region or ""))


def control_line(envelope: dict[str, Any]) -> bytes:
    """The last line of a stream."""
    return msgspec.json.encode({"control": "end"} | envelope) + b"\n"
