"""The access policy: who exists, what is granted, which keys sign, what is revoked, as one versioned document.

The exchange owns it. Credit polls it every second and decides by it offline; a policy older than `STALE_AFTER` is not
used. A right is scope ∩ live grant, evaluated at each request: grants never ride in tokens.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal

import msgspec

from services.kernel import regions
from services.kernel.access import Scope
from services.kernel.succession import SuccessionFact, Successions, former_and_present

STALE_AFTER_SECONDS: Final = 4.0
EVERY: Final = "*"
"""In a grant, every kind."""
GRADE: Final = "grade"
"""In a pull grant, the grades that follow from all records; not a kind of record."""


def plain_name(name: str) -> str:
    """An authority's name in the form in which two ways of writing it are equal."""
    return "".join(unicodedata.normalize("NFKC", name).split())


class AgencyFact(msgspec.Struct, frozen=True):
    """One agency as others need to know it; dates are days, the last one inclusive."""

    id: str
    department: str
    name: str
    level: Literal["province", "prefecture", "county"]
    region: str
    superior: str | None
    uscc: str
    valid_from: date
    valid_until: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether the agency exists on a day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


class CredentialFact(msgspec.Struct, frozen=True):
    """One credential that may still be used; a revoked or expired one is absent."""

    client_id: str
    agency: str
    expires_at: float | None = None
    certificate: str | None = None
    networks: tuple[str, ...] = ()


class StaffFact(msgspec.Struct, frozen=True):
    """One person with an account in use; a disabled account and one that is not set up are absent."""

    username: str
    name: str
    role: str
    agency: str


class GrantFact(msgspec.Struct, frozen=True):
    """One grant: an agency may push or pull a kind, in regions, some field groups, for a purpose, until a day."""

    id: str
    agency: str
    direction: Literal["push", "pull"]
    kind: str
    regions: tuple[str, ...]
    groups: tuple[str, ...]
    purpose: str
    valid_from: date
    valid_until: date | None = None

    def covers(self, *, kind: str, region: str, on: date) -> bool:
        """Whether the grant allows this kind in this region on a day."""
        return (
            self.in_force(on)
            and self.kind in (EVERY, kind)
            and any(regions.within(region, root) for root in self.regions)
        )

    def in_force(self, on: date) -> bool:
        """Whether the grant is alive on a day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


class Policy(msgspec.Struct, frozen=True, dict=True):
    """One version of the whole policy."""

    version: int
    jwks: dict[str, Any]
    agencies: list[AgencyFact]
    credentials: list[CredentialFact]
    grants: list[GrantFact]
    revoked_tokens: list[str]
    staff: list[StaffFact] = []
    ended_sessions: list[str] = []
    successions: list[SuccessionFact] = []

    @cached_property
    def succession(self) -> Successions:
        """Who acts for agencies that gave something up or are over."""
        return Successions(self.successions, self.exists)

    def exists(self, agency: str, on: date) -> bool:
        """Whether an agency is known and in force on a day."""
        fact = self.agency.get(agency)
        return fact is not None and fact.in_force(on)

    def succeeded(self, agency: str, on: date) -> list[str]:
        """The agencies that are over and whose main successor an agency is."""
        return [
            former
            for former in self.succession.predecessors(agency, on)
            if not self.exists(former, on) and self.succession.successors(former, on)[:1] == [agency]
        ]

    def shown_name(self, agency: str, on: date) -> str:
        """An agency's name as documents of a day show it: 原…（现…） once it is over; its id where it is unknown."""
        fact = self.agency.get(agency)
        if fact is None or on < fact.valid_from or fact.in_force(on):
            return fact.name if fact is not None else agency
        present = (self.agency.get(successor) for successor in self.succession.successors(agency, on))
        return former_and_present(fact.name, [held.name for held in present if held is not None])

    @cached_property
    def agency(self) -> dict[str, AgencyFact]:
        """The agencies by id."""
        return {agency.id: agency for agency in self.agencies}

    @cached_property
    def code_named(self) -> dict[str, str]:
        """The codes of the agencies by name as it is compared; a name that two of them bear is nobody's."""
        named: dict[str, set[str]] = {}
        for agency in self.agencies:
            named.setdefault(plain_name(agency.name), set()).add(agency.uscc)
        return {name: codes.pop() for name, codes in named.items() if len(codes) == 1}

    def is_within(self, agency: str, root: str) -> bool:
        """Whether an agency is another one or reports to it, directly or through others."""
        passed: set[str] = set()
        place: str | None = agency
        while place is not None and place not in passed:
            if place == root:
                return True
            passed.add(place)
            fact = self.agency.get(place)
            place = fact.superior if fact is not None else None
        return False

    @cached_property
    def credential(self) -> dict[str, CredentialFact]:
        """The usable credentials by client id."""
        return {credential.client_id: credential for credential in self.credentials}

    @cached_property
    def staff_member(self) -> dict[str, StaffFact]:
        """The people with accounts in use, by username."""
        return {member.username: member for member in self.staff}

    @cached_property
    def ended(self) -> frozenset[str]:
        """The ids of the exchange's sessions that ended before their time."""
        return frozenset(self.ended_sessions)

    @cached_property
    def revoked(self) -> frozenset[str]:
        """The ids of access tokens that were revoked before their time."""
        return frozenset(self.revoked_tokens)

    @cached_property
    def _grants_by_agency(self) -> dict[str, list[GrantFact]]:
        grouped: dict[str, list[GrantFact]] = {}
        for grant in self.grants:
            grouped.setdefault(grant.agency, []).append(grant)
        return grouped

    @cached_property
    def _scopes(self) -> dict[tuple[str, date], frozenset[str]]:
        return {}

    def scopes(self, agency: str, on: date) -> frozenset[str]:
        """All scopes that an agency's grants allow on a day, whatever its tokens say; none once the agency is over."""
        found = self._scopes.get((agency, on))
        if found is None:
            fact = self.agency.get(agency)
            held = [grant for grant in self._grants_by_agency.get(agency, []) if grant.in_force(on)]
            found = scopes_of(held) if fact is not None and fact.in_force(on) else frozenset()
            self._scopes[agency, on] = found
        return found

    def grants_of(self, agency: str, direction: Literal["push", "pull"], on: date) -> list[GrantFact]:
        """The grants of an agency in one direction that are alive on a day."""
        held = self._grants_by_agency.get(agency, [])
        return [grant for grant in held if grant.direction == direction and grant.in_force(on)]


class Reach:
    """What one agency may push or pull on a day: kinds, each in regions and with field groups, by all its live grants."""

    def __init__(self, grants: Iterable[GrantFact], every_kind: Iterable[str]) -> None:
        self._roots: dict[str, frozenset[str]] = {}
        self._grants: dict[str, list[GrantFact]] = {}
        self._seen: dict[tuple[str, str], bool] = {}
        self._groups: dict[tuple[str, str], frozenset[str]] = {}
        kinds = tuple(every_kind)
        for grant in grants:
            for kind in kinds if grant.kind == EVERY else (grant.kind,):
                self._roots[kind] = self._roots.get(kind, frozenset()) | frozenset(grant.regions)
                self._grants.setdefault(kind, []).append(grant)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that are granted anywhere."""
        return frozenset(self._roots)

    def roots(self, kind: str) -> frozenset[str]:
        """The regions in which a kind is granted, each with all that lies in it."""
        return self._roots.get(kind, frozenset())

    def covers(self, kind: str, region: str) -> bool:
        """Whether a kind is granted in a region."""
        seen = self._seen.get((kind, region))
        if seen is None:
            seen = any(regions.within(region, root) for root in self.roots(kind))
            self._seen[kind, region] = seen
        return seen

    def groups(self, kind: str, region: str) -> frozenset[str]:
        """The field groups of a kind that are granted in a region, by all grants that cover it together."""
        found = self._groups.get((kind, region))
        if found is None:
            found = frozenset(
                group
                for grant in self._grants.get(kind, [])
                if any(regions.within(region, root) for root in grant.regions)
                for group in grant.groups
            )
            self._groups[kind, region] = found
        return found

    def groups_everywhere(self, kind: str) -> frozenset[str]:
        """The field groups of a kind that every one of its grants gives, so that no region gets less."""
        held = [frozenset(grant.groups) for grant in self._grants.get(kind, [])]
        return frozenset.intersection(*held) if held else frozenset()

    def groups_anywhere(self) -> frozenset[str]:
        """The field groups that some grant gives somewhere."""
        return frozenset(group for held in self._grants.values() for grant in held for group in grant.groups)


def scopes_of(grants: Iterable[GrantFact]) -> frozenset[str]:
    """All scopes that an agency's live grants allow. One's own batches and reads, and asking for access, need no grant."""
    scopes: set[str] = {
        Scope.BATCHES_READ, Scope.CATALOGUE_READ, Scope.ACCESS_LOG_READ, Scope.ACCESS_LOG_WRITE,
        Scope.ACCESS_REQUESTS_WRITE,
    }  # fmt: skip
    for grant in grants:
        if grant.kind != GRADE:
            scopes |= {Scope.REMEDIES_READ, Scope.REMEDIES_WRITE, Scope.ACTS_READ, Scope.ACTS_WRITE}
            scopes.add(Scope.GRADE_DECISIONS_READ)
        if grant.direction == "push":
            scopes |= {Scope.BATCHES_WRITE, Scope.GRADE_DECISIONS_WRITE}
        elif grant.kind == GRADE:
            scopes.add(Scope.GRADES_READ)
        else:
            scopes |= {Scope.CHANGES_READ, Scope.ENTERPRISES_READ}
            if grant.kind == EVERY:
                scopes.add(Scope.GRADES_READ)
    return frozenset(scopes)
