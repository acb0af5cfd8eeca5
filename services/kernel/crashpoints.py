"""Named places at which a process can be told to die, so that tests can prove what survives.

Every commit of both services has a name; a crash point stands right before and right after each. The process dies
at the point named by `ZHIXIN_CRASH_AT`, at its n-th passage when the name ends in `#n`, without any clean-up, as a
power cut would. Without the variable a passage costs one comparison.
"""

import os
from typing import Final

VARIABLE: Final = "ZHIXIN_CRASH_AT"
EXIT_STATUS: Final = 137

_target, _, _nth = os.environ.get(VARIABLE, "").partition("#")
_remaining = int(_nth or 1)


def pass_by(name: str) -> None:
    """Die here if this is the appointed point and passage."""
    global _remaining  # noqa: PLW0603 - the count belongs to the process, and so does its death
    if not _target or name != _target:
        return
    _remaining -= 1
    if _remaining == 0:
        os._exit(EXIT_STATUS)
