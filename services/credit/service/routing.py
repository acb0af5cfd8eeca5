"""Whose a remedy is: the provider of the record decides, or who succeeded it, and what is overdue goes up to its superior."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.kernel.policy import AgencyFact, Reach
from services.kernel.succession import Successions


def _nobody_succeeded() -> Successions:
    return Successions((), lambda _agency, _on: True)


@dataclass(frozen=True)
class Caller:
    """The calling agency with what it may read, and the agencies among which a case is routed."""

    agency: str
    reach: Reach
    agencies: Mapping[str, AgencyFact]
    coordinator: str | None
    today: date
    succession: Successions = field(default_factory=_nobody_succeeded)

    def handler_of(self, provider: str, kind: str = "", region: str = "") -> str:
        """Who acts for an agency in matters of a kind in a region: it or its heir while that exists, then the nearest
        superior that does. In matters of no kind that is the main heir, once the agency is over."""
        return self._existing(self.succession.heir(provider, kind, region, self.today)) or provider

    def acts_for(self, agency: str, kind: str, region: str) -> bool:
        """Whether the caller is an agency, or stands in its place in such a matter."""
        return agency == self.agency or self.handler_of(agency, kind, region) == self.agency

    def _existing(self, agency: str) -> str | None:
        passed: set[str] = set()
        current: str | None = agency
        while current is not None and current not in passed:
            if self._exists(current):
                return current
            passed.add(current)
            held = self.agencies.get(current)
            current = held.superior if held else None
        return None

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

    def _handlers(self, provider: str) -> set[str]:
        """Everybody who acts for an agency in some matter."""
        among = [provider, *self.succession.successors(provider, self.today)]
        return {self._existing(agency) or provider for agency in among}

    def providers_handled(self) -> list[str]:
        """The agencies for which the caller acts in some matter: itself, those that it succeeded, and those that ended
        below it."""
        others = (agency for agency in self.agencies if agency != self.agency)
        return [self.agency, *(agency for agency in others if self.agency in self._handlers(agency))]

    def providers_overseen(self) -> list[str]:
        """The providers some of whose overdue cases come to the caller."""
        return [
            agency
            for agency in self.agencies
            if self.agency in {self.superior_of(handler) for handler in self._handlers(agency)}
        ]
