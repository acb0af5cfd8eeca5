"""What becomes of one pushed item, given where its record stands. Pure: no clock, no database."""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What became of an item (逐条结果)."""

    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    HELD = "held"
    REJECTED = "rejected"


class RecordState(StrEnum):
    """What the latest statement of a record is (记录状态)."""

    CURRENT = "current"
    HELD = "held"
    WITHDRAWN = "withdrawn"


class Standing(NamedTuple):
    """Where a record stands before an item: its latest version, that statement's digest, and the batch it came in.

    `is_held`: it waits. `is_filed`: an enterprise is known, whose file it is in or is to be in.
    """

    version: int
    digest: bytes
    batch_no: int
    is_held: bool = False
    is_filed: bool = True


class Decision(NamedTuple):
    """What to do with an item: its verdict, the version after it, the state it makes, and the fault to tell, if any."""

    verdict: Verdict
    version: int | None
    state: RecordState | None = None
    fault: str | None = None


def decide(
    standing: Standing | None, *, operation: str, digest: bytes, batch_no: int, hold: str | None
) -> Decision:
    """The decision on one sound item; `hold` says why it has to wait, if it has to.

    An item is compared with the latest statement only, so that A → B → A is three versions. Batches are numbered: an
    item of an older batch than the record's last is superseded; within one batch repeats apply in order. What waited and
    need wait no longer applies, though it says the same.
    """
    if standing is None:
        if operation != "upsert":
            return Decision(Verdict.REJECTED, None, fault="record_unknown")
    elif batch_no < standing.batch_no:
        return Decision(Verdict.UNCHANGED, standing.version, fault="superseded")
    elif digest == standing.digest and (hold is not None or not standing.is_held):
        return Decision(Verdict.UNCHANGED, standing.version)
    version = standing.version + 1 if standing else 1
    if operation == "withdraw":
        if standing is not None and not standing.is_filed:
            return Decision(Verdict.UNCHANGED, version, RecordState.WITHDRAWN, "withdrawn_unfiled")
        return Decision(Verdict.ACCEPTED, version, RecordState.WITHDRAWN)
    if hold is not None:
        return Decision(Verdict.HELD, version, RecordState.HELD, hold)
    return Decision(Verdict.ACCEPTED, version, RecordState.CURRENT)
