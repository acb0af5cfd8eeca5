"""What one running exchange consists of, made once by `create_app` and handed to everything that needs it."""

import asyncio
from dataclasses import dataclass, field

from services.exchange.settings import ExchangeSettings
from services.exchange.store.journal_lane import JournalLane
from services.exchange.store.keychain import KeyChain
from services.kernel.authenticator import PolicySource
from services.kernel.background import Bell
from services.kernel.clock import Clock
from services.kernel.db import Database
from services.kernel.sealing import Sealer, derive
from services.kernel.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class Exchange:
    """The parts of one exchange; `policy` answers the policy in force, `keys` the keys that sign,
    `journal` reads the journal, `sheet_slots` bounds how many sheets are read at once. `pushes` is rung when a batch
    waits for a worker, `events` when credit has events for the journal."""

    settings: ExchangeSettings
    database: Database
    clock: Clock
    keys: KeyChain
    policy: PolicySource
    credit: ServiceClient
    journal: JournalLane
    sheet_slots: asyncio.Semaphore
    pushes: Bell = field(default_factory=Bell)
    events: Bell = field(default_factory=Bell)

    def sealer(self, purpose: str) -> Sealer:
        """Seals and opens bytes for one purpose under the service's secret."""
        return Sealer(self.settings.secret.get_secret_value(), purpose)

    def key(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, such as cursors, from the service's secret."""
        return derive(self.settings.secret.get_secret_value(), purpose)
