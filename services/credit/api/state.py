"""What the running application holds beside the service itself: policy, hot lane, cursor key, the exchange, quotas."""

from collections.abc import Callable
from dataclasses import dataclass

from services.credit.service.context import Credit
from services.credit.service.quota import FirmQuota
from services.credit.store.lane import Lane
from services.kernel.policy import Policy
from services.kernel.service_client import ServiceClient


@dataclass(frozen=True)
class CreditState:
    """The application's parts, made once by `create_app`."""

    credit: Credit
    policy: Callable[[], Policy]
    lane: Lane
    cursor_key: bytes
    exchange: ServiceClient
    quota: FirmQuota
