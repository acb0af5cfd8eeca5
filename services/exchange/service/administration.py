"""Administration of departments, agencies and grants; each change moves the policy's version in its transaction.

Callers hold the `WriteSession`; a refusal is an `AdministrationRefused` whose text is for the administrator.
"""

import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, Final, Literal
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from services.exchange.domain.grant import EVERY_KIND, Proposal, objections
from services.exchange.store.agencies import all_agencies
from services.exchange.store.policy import bump_policy
from services.exchange.tables import Agency, Department, DepartmentSuccession, Grant
from services.kernel import regions, uscc
from services.kernel.db import AnySession, WriteSession
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PERSONAL, PUBLIC, RESTRICTED

Level = Literal["province", "prefecture", "county"]
FIELD_GROUPS: Final = (PUBLIC, RESTRICTED, PERSONAL)


class AdministrationRefused(Exception):  # noqa: N818 - says what happened to the request
    """What an administrator asked for cannot be done; the text says why, each reason by itself in `reasons`."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def seed_departments(session: WriteSession, *, reform: bool = False) -> int:
    """Enter the seven departments of the mandate and, with `reform`, their successors of 2018; how many were new.

    With the reform the departments that ended get their last day. Entering again changes nothing.
    """
    seed = tomllib.loads(
        files("services.exchange").joinpath("seed/departments.toml").read_text(encoding="utf-8")
    )
    added = sum(_add_department(session, entry, None) for entry in seed["mandate"])
    if reform:
        day: date = seed["reform_day"]
        added += sum(_add_department(session, entry, day) for entry in seed["reform"])
        session.flush()
        for entry in seed["succession"]:
            _add_succession(session, entry, day)
    session.flush()
    return added


def _add_department(session: WriteSession, entry: dict[str, Any], valid_from: date | None) -> bool:
    if session.get(Department, entry["code"]) is not None:
        return False
    session.add(Department(**entry, valid_from=valid_from))
    return True


def _add_succession(session: WriteSession, entry: dict[str, Any], day: date) -> None:
    key = (entry["predecessor"], entry["successor"], entry["function"])
    if session.get(DepartmentSuccession, key) is None:
        session.add(
            DepartmentSuccession(predecessor=key[0], successor=key[1], function=key[2], valid_from=day)
        )
    predecessor = session.get(Department, entry["predecessor"])
    if entry["ends"] and predecessor is not None and predecessor.valid_until is None:
        predecessor.valid_until = day - timedelta(days=1)


def register_agency(
    session: WriteSession,
    *,
    department: str,
    name: str,
    level: Level,
    region: str,
    code: str,
    superior: str | None = None,
    valid_from: date,
    valid_until: date | None = None,
) -> str:
    """Enter an agency and answer its id, `{department}-{region}`; `code` is its unified social credit code.

    Raises:
        AdministrationRefused: department, region, level, superior or code do not fit, or the agency exists.
    """
    identity = f"{department}-{region}"
    normal = uscc.normalise(code)
    refuse_for(
        f"department {department!r} is unknown" if session.get(Department, department) is None else "",
        f"agency {identity} exists already" if session.get(Agency, identity) is not None else "",
        f"region {region!r} is unknown" if not regions.known(region) else "",
        f"region {region} is no {level}"
        if regions.known(region) and regions.level_of(region) != level
        else "",
        f"superior {superior!r} is unknown" if superior and session.get(Agency, superior) is None else "",
        *(f"code {code!r}: {fault}" for fault in uscc.faults(normal)),
        "an agency has a name" if not name.strip() else "",
    )
    bump_policy(session)
    session.add(
        Agency(
            id=identity, department=department, name=name.strip(), level=level, region=region, superior=superior,
            uscc=normal, valid_from=valid_from, valid_until=valid_until,
        )
    )  # fmt: skip
    try:
        session.flush()
    except IntegrityError:
        raise AdministrationRefused(f"another agency has the code {normal}") from None
    return identity


def list_agencies(session: AnySession) -> Sequence[Agency]:
    """Every agency, by id."""
    return all_agencies(session)


def add_grant(
    session: WriteSession,
    *,
    agency: str,
    direction: Literal["push", "pull"],
    kind: str = EVERY_KIND,
    within: Sequence[str],
    groups: Sequence[str] = FIELD_GROUPS,
    purpose: str,
    basis: str,
    valid_from: date,
    valid_until: date | None = None,
) -> str:
    """Give an agency a grant and answer the grant's id.

    Raises:
        AdministrationRefused: the agency is unknown, or the grant is not one that can be given.
    """
    proposal = Proposal(
        agency,
        direction,
        kind,
        tuple(within),
        tuple(groups),
        purpose.strip(),
        basis.strip(),
        valid_from,
        valid_until,
    )
    unknown = [region for region in within if not regions.known(region)]
    refuse_for(
        f"agency {agency!r} is unknown" if session.get(Agency, agency) is None else "",
        *objections(proposal, kinds=KINDS, groups=FIELD_GROUPS, unknown_regions=unknown),
    )
    bump_policy(session)
    identity = f"g_{uuid4().hex}"
    session.add(
        Grant(
            id=identity, agency=agency, direction=direction, kind=kind, regions=list(within), groups=list(groups),
            purpose=proposal.purpose, basis=proposal.basis, valid_from=valid_from, valid_until=valid_until,
        )
    )  # fmt: skip
    session.flush()
    return identity


def end_grant(session: WriteSession, grant: str, *, last_day: date) -> str:
    """Let a grant end with a day; to end it at once, that is yesterday. An end is never moved back.

    Answers whose grant it was.

    Raises:
        AdministrationRefused: there is no such grant.
    """
    row = session.get(Grant, grant)
    if row is None:
        raise AdministrationRefused(f"grant {grant!r} is unknown")
    bump_policy(session)
    row.valid_until = last_day if row.valid_until is None else min(last_day, row.valid_until)
    session.flush()
    return row.agency


def refuse_for(*reasons: str) -> None:
    """Refuse with every reason that is not empty.

    Raises:
        AdministrationRefused: there is at least one.
    """
    found = [reason for reason in reasons if reason]
    if found:
        raise AdministrationRefused(*found)
