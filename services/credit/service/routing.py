"""Whose a remedy is: the provider of the record decides, and what is overdue goes up to its superior."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.kernel.policy import AgencyFact, Reach


@dataclass(frozen=True)
class Caller:
    """The calling agency with what it may read, and the agencies among which a case is routed."""

    agency: str
    reach: Reach
    agencies: Mapping[str, AgencyFact]
    coordinator: str | None
    today: date

    def handler_of(self, provider: str) -> str:
        """Who decides about a provider's records: the provider while it exists, then the nearest superior that does."""
        passed: set[str] = set()
        current: str | None = provider
        while current is not None and current not in passed:
            if self._exists(current):
                return current
            passed.add(current)
            held = self.agencies.get(current)
            current = held.superior if held else None
        return provider

    def _exists(self, agency: str) -> bool:
        held = self.agencies.get(agency)
        if held is None or held.valid_from > self.today:
            return False
        return held.valid_until is None or self.today <= held.valid_until

    def superior_of(self, handler: str) -> str | None:
        """To whom an overdue case of a handler escalates: its superior, or the coordinator where it has none."""
        held = self.agencies.get(handler)
        superior = held.superior if held and held.superior else self.coordinator
        return superior if superior != handler else None

    def providers_handled(self) -> list[str]:
        """The providers for whose records the caller decides: itself, and those that ended below it."""
        others = (agency for agency in self.agencies if agency != self.agency)
        return [self.agency, *(agency for agency in others if self.handler_of(agency) == self.agency)]

    def providers_overseen(self) -> list[str]:
        """The providers whose overdue cases come to the caller."""
        return [
            agency for agency in self.agencies if self.superior_of(self.handler_of(agency)) == self.agency
        ]
