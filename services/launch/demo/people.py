"""Who works in the demo: accounts of every role with random secrets, written to `demo.json`. Doing it again adds nothing."""

import secrets
from datetime import datetime
from typing import Any, Final

from services.exchange.service.audit import Actor
from services.exchange.service.staff import enter_staff, invite_staff
from services.exchange.service.totp import SEAL_PURPOSE, new_secret
from services.exchange.store.staff import find_account
from services.kernel.access import Role
from services.kernel.db import Database, WriteSession
from services.kernel.sealing import Sealer

PEOPLE: Final[tuple[tuple[str, str, Role, str], ...]] = (
    ("platform", "演示·平台管理员", Role.PLATFORM_ADMINISTRATOR, "development_reform-430000"),
    ("auditor", "演示·审计员", Role.AUDITOR, "development_reform-430000"),
    ("coordinator", "演示·协调员", Role.COORDINATOR, "quality_supervision-430000"),
    ("market.province", "演示·省工商管理员", Role.AGENCY_ADMINISTRATOR, "industry_commerce-430000"),
    ("market.changsha", "演示·长沙工商管理员", Role.AGENCY_ADMINISTRATOR, "industry_commerce-430100"),
    ("market.hengyang", "演示·衡阳工商管理员", Role.AGENCY_ADMINISTRATOR, "industry_commerce-430400"),
    ("quality.province", "演示·省质监管理员", Role.AGENCY_ADMINISTRATOR, "quality_supervision-430000"),
    ("inspector.changsha", "演示·长沙执法人员", Role.INSPECTOR, "quality_supervision-430100"),
    ("inspector.furong", "演示·芙蓉区执法人员", Role.INSPECTOR, "industry_commerce-430102"),
)
"""Username, name, role, agency. 长沙 reports to the province and is a sibling of 衡阳."""
_ACTOR: Final = Actor("demo")


def settle(database: Database, service_secret: str, held: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Make the accounts that are missing; answers all of them by username as `demo.json` shows them.

    `held` are the accounts of an earlier run, whose secrets cannot be had again and are kept.
    """
    sealer = Sealer(service_secret, SEAL_PURPOSE)
    known = dict(held)
    with database.write("demo.settled") as session:
        for username, name, role, agency in PEOPLE:
            if find_account(session, username) is None:
                invite_staff(
                    session, sealer, username=username, name=name, role=role, agency=agency, now=now, actor=_ACTOR
                )  # fmt: skip
            elif username in known:
                continue
            known[username] = _enter(session, sealer, username, now) | {"role": str(role), "agency": agency}
    return known


def _enter(session: WriteSession, sealer: Sealer, username: str, now: datetime) -> dict[str, Any]:
    password, totp_secret = secrets.token_urlsafe(15), new_secret()
    enter_staff(
        session, sealer, username=username, password=password, totp_secret=totp_secret, now=now, actor=_ACTOR
    )  # fmt: skip
    return {"username": username, "password": password, "totp_secret": totp_secret}
