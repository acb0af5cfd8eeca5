"""What became of the items of a page, as the contract tells it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from services.credit.domain.intake import Verdict
from services.kernel.faults import Fault

_encode: Final = msgspec.json.Encoder().encode
_encode_lines: Final = msgspec.json.Encoder().encode_lines


class VerdictLine(msgspec.Struct):
    """What became of one item, as the contract shows it."""

    index: int
    source_record_id: str | None
    verdict: str
    uscc: str | None
    record_id: str | None
    version: int | None
    faults: list[Fault]


@dataclass(frozen=True)
class PageAnswer:
    """The verdicts as NDJSON, and how many there are of each."""

    verdicts: str
    counts: str


def answer_of(lines: Sequence[VerdictLine]) -> PageAnswer:
    """The answer that tells these verdicts."""
    counted = Counter([line.verdict for line in lines])
    counts = {"total": len(lines)} | {verdict: counted[verdict] for verdict in Verdict}
    return PageAnswer(_encode_lines(lines).decode(), _encode(counts).decode())
