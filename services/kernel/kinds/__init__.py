"""The kinds of record (信息类别): one declarative entry a kind, read by validation, catalogue, templates and client.

To add a kind: write one module beside this one with its `Kind`, and list it in `KINDS`. Nothing else changes.
"""

from typing import Final

from services.kernel.kinds.administrative_penalty import ADMINISTRATIVE_PENALTY
from services.kernel.kinds.enterprise_registration import ENTERPRISE_REGISTRATION
from services.kernel.kinds.kind import Kind
from services.kernel.kinds.quality_award import QUALITY_AWARD
from services.kernel.kinds.spot_check import SPOT_CHECK

KINDS: Final[dict[str, Kind]] = {
    kind.code: kind for kind in (ENTERPRISE_REGISTRATION, ADMINISTRATIVE_PENALTY, SPOT_CHECK, QUALITY_AWARD)
}
