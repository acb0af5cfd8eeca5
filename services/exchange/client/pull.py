"""Pull of the changes: page after page to the head, each proven to join the last before the cursor moves."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from services.exchange.client.connection import Connection
from services.exchange.client.coverage import Control, Coverage, EventHead
from services.exchange.client.failures import (
    AgencyError,
    BrokenCoverageError,
    MalformedAnswerError,
    RefusedError,
    UnreachableError,
)
from services.exchange.client.profile import load, pull_path, store

_BROKEN_PAGES: Final = 5
_LONG_POLL: Final = "25"


class PullState(msgspec.Struct):
    """How far this caller has come; `size` is the length of the output with the last whole page."""

    cursor: str | None
    through: int | None
    epoch: int = 0
    output: str | None = None
    size: int = 0


class Output:
    """Where events go: a file that is cut back to its last whole page when it is taken up again, or a stream."""

    def __init__(self, path: Path | None, stream: BinaryIO, state: PullState | None) -> None:
        self.path = path.absolute() if path else None
        self._file = stream
        if self.path is not None:
            self._file = self.path.open("ab")
            if state is not None and state.output == str(self.path):
                self._cut_back(state.size)

    @property
    def size(self) -> int:
        """The length of the file in bytes; 0 for a stream."""
        return os.fstat(self._file.fileno()).st_size if self.path else 0

    def _cut_back(self, size: int) -> None:
        if 0 < self.size < size:
            self._file.close()
            raise BrokenCoverageError(
                f"{self.path} is shorter than it was: it lacks events that were pulled into it",
                "pull again with --from-start into a new file",
            )
        if self.size > size:  # a page that was written but not yet confirmed comes again
            self._file.truncate(size)

    def write(self, lines: list[bytes]) -> None:
        """Write events durably."""
        self._file.write(b"".join(line + b"\n" for line in lines))
        self._file.flush()
        if self.path is not None:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; a stream stays open."""
        if self.path is not None:
            self._file.close()


def pull(
    connection: Connection,
    *,
    after: str | None,
    from_start: bool,
    limit: int,
    follow: bool,
    output_path: Path | None,
    stream: BinaryIO,
    coverage: Coverage,
    page_done: Callable[[int, int], None],
    note: Callable[[str], None],
) -> None:
    """Pull until the head (or for ever, with `follow`); `coverage` holds what was proven, even when it ends early.

    Raises:
        BrokenCoverageError: a page does not join; nothing of it was written.
        RefusedError, UnreachableError: as of any request; the cursor stands at the last whole page.
    """
    place = pull_path(connection.profile)
    state = None if from_start or after else load(place, PullState)
    cursor = state.cursor if state else after
    if state is not None and state.through is not None:
        coverage.start = coverage.through = state.through
        coverage.epoch = state.epoch
        note(f"going on after seq {state.through}")
    elif cursor is None:
        coverage.start = coverage.through = 0
    output = Output(output_path, stream, state)

    def keep() -> None:
        written = str(output.path) if output.path else None
        store(place, PullState(cursor, coverage.through, coverage.epoch, written, output.size))

    try:
        keep()
        while True:
            page, lines = _whole_page(connection, cursor, limit, wait=follow)
            grants = coverage.grant_version
            coverage.accept(page, [msgspec.json.decode(line, type=EventHead) for line in lines])
            if grants is not None and grants != page.grant_version:
                note("the grant has changed: read its grant_changed event, fetch or purge what it says")
            output.write(lines)
            cursor = page.next
            keep()
            page_done(page.covers.through, page.head)
            if not page.more and not follow:
                return
    finally:
        output.close()


def _whole_page(
    connection: Connection, cursor: str | None, limit: int, *, wait: bool
) -> tuple[Control, list[bytes]]:
    params = (
        {"limit": str(limit)} | ({"after": cursor} if cursor else {}) | ({"wait": _LONG_POLL} if wait else {})
    )
    for _ in range(_BROKEN_PAGES):
        try:
            answer = connection.request(
                "GET", "/v1/changes", params=params, headers={"Accept": "application/x-ndjson"}
            )
        except RefusedError as refusal:
            raise _explained(refusal) from refusal
        page = read_page(answer.content)
        if page is not None:
            return page
    raise UnreachableError(
        "the page broke off each time before its control line", "run the same command again"
    )


def read_page(content: bytes) -> tuple[Control, list[bytes]] | None:
    """The control line and the event lines of an NDJSON page; None when the page broke off before its end.

    Raises:
        MalformedAnswerError: a line is no event, or something follows the control line.
    """
    lines = [line for line in content.split(b"\n") if line.strip()]
    if not lines or not content.endswith((b"\n", b"}")):
        return None
    try:
        last = msgspec.json.decode(lines[-1], type=dict[str, msgspec.Raw])
        if "control" not in last:
            return None
        page = msgspec.json.decode(lines[-1], type=Control)
        for line in lines[:-1]:
            msgspec.json.decode(line, type=EventHead)
    except msgspec.ValidationError as error:
        raise MalformedAnswerError(f"the page cannot be read: {error}") from error
    except msgspec.DecodeError:
        return None
    if page.control != "end":
        raise MalformedAnswerError(f"the page ends with the control line {page.control!r}")
    return page, lines[:-1]


def _explained(refusal: RefusedError) -> AgencyError:
    if refusal.status != 409:
        return refusal
    fork = refusal.problem.get("fork") or refusal.problem.get("detail") or "see the platform's notice"
    return BrokenCoverageError(
        f"the journal was forked before this cursor by a restore or promotion of the platform: {fork}",
        "events held from beyond the fork may never have become final: discard those, "
        "then pull on with --after and a cursor from before the fork, or --from-start",
    )
