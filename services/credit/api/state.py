"""What the running application holds beside the service itself: the policy, the hot lane, the cursor key."""

from collections.abc import Callable
from dataclasses import dataclass

from services.credit.service.context import Credit
from services.credit.store.lane import Lane
from services.kernel.policy import Policy


@dataclass(frozen=True)
class CreditState:
    """The application's parts, made once by `create_app`."""

    credit: Credit
    policy: Callable[[], Policy]
    lane: Lane
    cursor_key: bytes
