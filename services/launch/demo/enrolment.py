"""Who takes part in the demo: agencies, their grants, and credentials with random secrets. Doing it again adds nothing."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final, Literal

from services.exchange.service.administration import add_grant, register_agency, seed_departments
from services.exchange.service.credentials import issue_credential
from services.exchange.tables import Agency as AgencyRow
from services.exchange.tables import Credential
from services.kernel.db import Database, WriteSession
from services.kernel.policy import EVERY, GRADE, GrantFact, scopes_of
from services.kernel.tokens import SigningKey
from services.launch.province import Agency, agencies, kinds_pushed

SINCE: Final = date(2015, 10, 1)
PROVINCE: Final = "430000"
PURPOSE: Final = "质量信用信息共享交换（演示）"
BASIS: Final = "湘政办发〔2017〕49号 三（七）"
KEY_HOLDER: Final = "development_reform-430000"
"""The agency that has, beside its secret, a credential by public key."""

Direction = Literal["push", "pull"]
_PULLS: Final[dict[str, tuple[str, ...]]] = {
    "development_reform": (EVERY, GRADE),
    "industry_commerce": (EVERY, GRADE),
    "quality_supervision": ("enterprise_registration", "spot_check", "quality_award", GRADE),
    "food_drug": ("enterprise_registration", "spot_check", "administrative_penalty", GRADE),
    "economy_information": ("quality_award",),
    "agriculture": ("spot_check",),
    "housing_construction": (),
}
"""What each department may pull in the demo; the last has no grant at all."""


def grants_of(agency: Agency) -> Iterator[tuple[Direction, str]]:
    """The grants of a demo agency, as direction and kind, in its own region."""
    if agency.department == "industry_commerce" and agency.region == PROVINCE:
        yield "push", EVERY
    else:
        for kind in kinds_pushed(agency):
            yield "push", kind
    for kind in _PULLS[agency.department]:
        yield "pull", kind


def enrol(database: Database, service_secret: str, held: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Enter agencies, grants and credentials that are missing; answers the credentials, by name, as `demo.json` shows them.

    `held` are the credentials of an earlier run: their secrets can't be had again, and are kept if still known.
    """
    with database.write("demo.enrolled") as session:
        seed_departments(session)
        credentials = dict(held)
        for agency in agencies():
            if session.get(AgencyRow, agency.id) is None:
                _register(session, agency)
            for name in (agency.id, f"{agency.id}#key") if agency.id == KEY_HOLDER else (agency.id,):
                known = credentials.get(name)
                if known is None or session.get(Credential, known["client_id"]) is None:
                    credentials[name] = _issue(
                        session, service_secret, agency, now, with_key=name.endswith("#key")
                    )
    return credentials


def _register(session: WriteSession, agency: Agency) -> None:
    register_agency(
        session, department=agency.department, name=agency.name, level=agency.level, region=agency.region,
        code=agency.uscc, superior=agency.superior, valid_from=SINCE,
    )  # fmt: skip
    for direction, kind in grants_of(agency):
        add_grant(
            session, agency=agency.id, direction=direction, kind=kind, within=[agency.region], purpose=PURPOSE, basis=BASIS,
            valid_from=SINCE,
        )  # fmt: skip


def _issue(
    session: WriteSession, service_secret: str, agency: Agency, now: datetime, *, with_key: bool
) -> dict[str, Any]:
    key = SigningKey.generate() if with_key else None
    issued = issue_credential(
        session,
        service_secret,
        agency=agency.id,
        now=now,
        label="演示",
        public_key_pem=key.public_pem if key else None,
    )
    proof = {"private_key_pem": key.pem} if key else {"client_secret": issued.client_secret}
    return {
        "agency": agency.id, "department": agency.department, "region": agency.region, "client_id": issued.client_id, **proof,
        "scopes": sorted(_scopes(agency)),
    }  # fmt: skip


def _scopes(agency: Agency) -> frozenset[str]:
    return scopes_of(
        GrantFact(f"{direction}:{kind}", agency.id, direction, kind, (agency.region,), (), PURPOSE, SINCE)
        for direction, kind in grants_of(agency)
    )
