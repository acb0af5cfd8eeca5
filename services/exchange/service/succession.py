"""A reform carried out: functions, grants, credentials, places and open requests go to the successors, in one transaction.

Records, batches, past grants and the audit stay with the old agency as what it did. Open cases of remedies are not
moved either: who answers them follows from the successions, which credit reads in the policy. Everything is done at most
once, so that a plan may be carried out again, after a crash too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from hashlib import blake2b
from typing import Any, Final

from services.exchange.domain.credential import USABLE
from services.exchange.domain.grant import GRADES
from services.exchange.domain.succession import Held, Part, Reform, faults, is_given_up, passed_on
from services.exchange.service.administration import end_grant, refuse_for, register_agency
from services.exchange.service.audit import Actor, AdministrativeAct, record
from services.exchange.service.credentials import credential_status, end_credential, succeed_credential
from services.exchange.service.reform_plan import Plan
from services.exchange.store import access_requests
from services.exchange.store.agencies import all_agencies, succession_facts
from services.exchange.store.credentials import credentials_of
from services.exchange.store.grants import grants_of
from services.exchange.store.policy import bump_policy
from services.exchange.tables import AccessRequest, Agency, AgencySuccession, Credential, Grant
from services.kernel import regions
from services.kernel.clock import SHANGHAI, shanghai_day
from services.kernel.db import WriteSession
from services.kernel.kinds import KINDS
from services.kernel.succession import Successions

_ACTS: Final = {
    "agency_registered": AdministrativeAct.AGENCY_REGISTERED,
    "grant_passed_on": AdministrativeAct.GRANT_GIVEN,
    "grant_ended": AdministrativeAct.GRANT_ENDED,
    "credential_issued": AdministrativeAct.CREDENTIAL_ISSUED,
}


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that was done: what, on which object, of which agency, and how; `secret` is shown once, never kept."""

    what: str
    subject: str
    agency: str
    details: dict[str, Any] = field(default_factory=dict)
    secret: str | None = None


def succeed(
    session: WriteSession,
    service_secret: str,
    plan: Plan,
    *,
    now: datetime,
    actor: Actor,
    foresee: bool = False,
) -> list[Move]:
    """Carry a reform out and answer everything that was done; nothing the second time.

    With `foresee` a reform whose day has not come is judged as on its day, for a transaction that is undone.

    Raises:
        AdministrationRefused: every reason why the plan cannot be carried out.
    """
    carrying = _Carrying(session, service_secret, plan.reform, now, actor)
    day = max(shanghai_day(now), plan.reform.effective_on) if foresee else shanghai_day(now)
    places = {row.id: row.region for row in all_agencies(session)}
    refuse_for(
        *faults(
            plan.reform,
            places=places | {agency.id: agency.region for agency in plan.agencies},
            kinds=(*KINDS, GRADES),
            known_region=regions.known,
            within=regions.within,
            today=day,
        )
    )
    bump_policy(session)  # its row's lock puts administrators one after another
    for agency in plan.agencies:
        if agency.id not in places:
            register_agency(
                session, department=agency.department, name=agency.name, level=agency.level, region=agency.region,
                superior=agency.superior, code=agency.uscc, valid_from=plan.reform.effective_on,
            )  # fmt: skip
            carrying.note("agency_registered", agency.id, agency.id, name=agency.name)
    for part in plan.reform.parts:
        carrying.enter(part)
    for predecessor in plan.reform.predecessors:
        carrying.pass_grants_on(predecessor)
        if predecessor in plan.reform.ends:
            carrying.end(predecessor)
    carrying.move_requests()
    if not carrying.moves:
        session.rollback()
    return carrying.moves


class _Carrying:
    """One reform at work inside its transaction."""

    def __init__(
        self, session: WriteSession, service_secret: str, reform: Reform, now: datetime, actor: Actor
    ) -> None:
        self._session, self._secret, self._reform, self._now, self._actor = (
            session,
            service_secret,
            reform,
            now,
            actor,
        )
        day_after = reform.last_day + timedelta(days=1)
        self._end = datetime.combine(day_after, time.min, SHANGHAI)
        self.moves: list[Move] = []

    def note(self, what: str, subject: str, agency: str, secret: str | None = None, **details: Any) -> None:
        """Keep what was done, in the audit too."""
        self.moves.append(Move(what, subject, agency, details, secret))
        act = _ACTS.get(what, AdministrativeAct.AGENCY_SUCCEEDED)
        record(
            self._session, self._actor, act, subject=subject[:100], agency=agency, at=self._now, what=what,
            document=self._reform.document, **details,
        )  # fmt: skip

    def enter(self, part: Part) -> None:
        """Enter what a successor took over, region by region."""
        for region in part.regions:
            key = (part.predecessor, part.successor, part.function, region)
            if self._session.get(AgencySuccession, key) is not None:
                continue
            self._session.add(
                AgencySuccession(
                    predecessor=part.predecessor, successor=part.successor, function=part.function, region=region,
                    valid_from=self._reform.effective_on, document=self._reform.document, kinds=list(part.kinds),
                    is_main=part.is_main,
                )
            )  # fmt: skip
            self.note(
                "function_passed_on", part.predecessor, part.predecessor, successor=part.successor,
                function=part.function, kinds=list(part.kinds), region=region,
            )  # fmt: skip
        self._session.flush()

    def pass_grants_on(self, predecessor: str) -> None:
        """Give each successor its part of an agency's grants, and end the grants that the agency has no more."""
        parts = self._reform.parts_of(predecessor)
        for row in grants_of(self._session, predecessor):
            held = _held(row)
            for part in parts:
                for narrowed in passed_on(held, part, on=self._reform.effective_on, within=regions.within):
                    self._give(row, part.successor, narrowed)
            ends = predecessor in self._reform.ends or is_given_up(held, parts, regions.within)
            last_day = self._reform.last_day
            if ends and (row.valid_until is None or row.valid_until > last_day):
                end_grant(self._session, row.id, last_day=last_day)
                self.note("grant_ended", row.id, predecessor, last_day=last_day.isoformat())

    def _give(self, source: Grant, successor: str, part: Held) -> None:
        identity = _grant_id(source.id, successor, part)
        if self._session.get(Grant, identity) is not None:
            return  # given by an earlier run; if somebody ended it since, it stays ended
        self._session.add(
            Grant(
                id=identity, agency=successor, direction=part.direction, kind=part.kind, regions=list(part.regions),
                groups=list(part.groups), purpose=part.purpose, basis=f"{part.basis}（承继自{source.agency}：{self._reform.document}）",
                valid_from=part.valid_from, valid_until=part.valid_until,
            )
        )  # fmt: skip
        self.note(
            "grant_passed_on", identity, successor, source=source.id, direction=part.direction, kind=part.kind,
            regions=list(part.regions), groups=list(part.groups),
        )  # fmt: skip

    def end(self, predecessor: str) -> None:
        """Let an agency end with the overlap: its last day, its credentials, its place and that of those below it."""
        row = self._session.get_one(Agency, predecessor)
        if row.valid_until is None or row.valid_until > self._reform.last_day:
            row.valid_until = self._reform.last_day
            self.note("agency_ended", predecessor, predecessor, last_day=self._reform.last_day.isoformat())
        for credential in credentials_of(self._session, predecessor):
            if credential_status(credential, self._now) in (*USABLE, "pending"):
                self._end_credential(credential)
        heir = self._reform.main_heir(predecessor)
        below = [agency for agency in all_agencies(self._session) if agency.superior == predecessor]
        for agency in [row, *below]:
            superior = self._reform.main_heir(agency.id) if agency.id in self._reform.ends else heir
            if superior is not None and superior not in (agency.superior, agency.id):
                self.note("superior_changed", agency.id, agency.id, former=agency.superior, superior=superior)
                agency.superior = superior
        self._session.flush()

    def _end_credential(self, row: Credential) -> None:
        with_credential = [part for part in self._reform.parts_of(row.agency) if part.with_credentials]
        if with_credential and row.successor is None:
            heir = with_credential[0].successor
            issued = succeed_credential(
                self._session, self._secret, old=row, agency=heir, now=self._now, until=self._end
            )
            self.note(
                "credential_issued", issued.client_id, heir, issued.client_secret, label=row.label, in_place_of=row.client_id
            )  # fmt: skip
            self.note("credential_ends", row.client_id, row.agency, on=self._reform.last_day.isoformat())
        elif end_credential(self._session, row, self._end):
            self.note("credential_ends", row.client_id, row.agency, on=self._reform.last_day.isoformat())

    def move_requests(self) -> None:
        """Lay open requests for access before who provides now, and let successors go on with what was asked for.

        A request that several successors would share stays where it is; the coordinator answers it when it is due.
        """
        self._session.flush()
        day = self._reform.effective_on
        exists = {row.id: row for row in all_agencies(self._session)}
        line = Successions(
            succession_facts(self._session),
            lambda agency, _: agency in exists and agency not in self._reform.ends,
        )
        for row in access_requests.undecided(self._session, self._reform.predecessors):
            provider, asker = (self._heir_of(line, agency, row, day) for agency in (row.provider, row.agency))
            if provider == asker or (provider, asker) == (row.provider, row.agency):
                continue
            self.note("request_moved", row.id, asker, provider=provider, former=[row.agency, row.provider])
            if asker != row.agency:
                row.idempotency_key = f"{row.agency}:{row.idempotency_key}"[:200]
            row.provider, row.agency = provider, asker
        self._session.flush()

    def _heir_of(self, line: Successions, agency: str, row: AccessRequest, day: Any) -> str:
        heirs = {line.heir(agency, row.kind, region, day) for region in row.regions}
        return heirs.pop() if len(heirs) == 1 and agency in self._reform.predecessors else agency


def _held(row: Grant) -> Held:
    return Held(
        row.direction, row.kind, tuple(row.regions), tuple(row.groups), row.purpose, row.basis, row.valid_from,
        row.valid_until,
    )  # fmt: skip


def _grant_id(source: str, successor: str, part: Held) -> str:
    """The same for the same part of the same grant, so that it is given once."""
    named = "\x1f".join((source, successor, part.kind, *sorted(part.regions)))
    return f"g_{blake2b(named.encode(), digest_size=16).hexdigest()}"


def left_behind(session: WriteSession, plan: Plan) -> Sequence[Grant]:
    """The push grants of agencies that live on, of which they gave up a part: an administrator narrows them."""
    return [
        row
        for predecessor in plan.reform.predecessors
        if predecessor not in plan.reform.ends
        for row in grants_of(session, predecessor)
        if row.direction == "push"
        and (row.valid_until is None or row.valid_until > plan.reform.last_day)
        and any(
            passed_on(_held(row), part, on=plan.reform.effective_on, within=regions.within)
            for part in plan.reform.parts_of(predecessor)
        )
    ]
