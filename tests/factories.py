"""What tests need to exist before they act: agencies with grants and credentials, in one call each."""

from datetime import date
from functools import cache
from types import SimpleNamespace

from services.exchange.service.administration import add_grant, register_agency, seed_departments
from services.exchange.service.audit import Actor
from services.exchange.service.credentials import issue_credential
from services.exchange.service.login import open_session
from services.exchange.service.staff import invite_staff
from services.exchange.service.totp import SEAL_PURPOSE, code_at, new_secret
from services.exchange.store.staff import find_account
from services.kernel import regions, uscc
from services.kernel.passwords import hash_password
from services.kernel.sealing import Sealer

FROM = date(2020, 1, 1)
PASSWORD = "correct horse battery staple"
TESTS = Actor("tests")


def make_agency(
    database, department="industry_commerce", region="430000", *, grants=("push *",), **changes
) -> str:
    """An agency and its grants, each written `push KIND` or `pull KIND`, in its own region; answers its id."""
    with database.write("test_agency") as session:
        seed_departments(session)
        return enter_agency(session, department, region, grants=grants, **changes)


def enter_agency(session, department, region, *, grants, **changes) -> str:
    """What `make_agency` makes, of departments that are there, in a transaction that others share."""
    serial = sum(map(ord, department)) * 1_000 + int(region[2:]) % 1_000
    agency = register_agency(
        session,
        department=department,
        name=f"演示·{regions.name_of(region)}{department}",
        level=regions.level_of(region),
        region=region,
        code=uscc.make("11" + region, f"KXB{serial % 100_000:05d}"),
        valid_from=FROM,
        **changes,
    )
    for grant in grants:
        direction, kind = grant.split()
        add_grant(
            session, agency=agency, direction=direction, kind=kind, within=[region], purpose="测试",
            basis="测试依据", valid_from=FROM,
        )  # fmt: skip
    return agency


def make_credential(database, settings, agency, now, **options):
    """A credential of an agency; with `public_key_pem` one by key, else one by secret."""
    with database.write("test_credential") as session:
        return enter_credential(session, settings, agency, now, **options)


def enter_credential(session, settings, agency, now, **options):
    """What `make_credential` makes, in a transaction that others share."""
    return issue_credential(session, settings.secret.get_secret_value(), agency=agency, now=now, **options)


@cache
def hash_of(password):
    """A hash that is computed once, since it is meant to be dear."""
    return hash_password(password)


class Person(SimpleNamespace):
    """Somebody with an account: `username`, `password`, `totp_secret`."""

    def code(self, now):
        return code_at(self.totp_secret, now)

    def login(self, now, **changes):
        """The body of a login."""
        return {"username": self.username, "password": self.password, "totp_code": self.code(now)} | changes


def make_staff(
    database, settings, agency, now, role="agency_administrator", username=None, *, enrolled=True
) -> Person:
    """A person with an account of an agency, set up unless told otherwise."""
    username = username or f"{role.replace('_', '-')}.{agency.replace('_', '-')}"
    sealer = Sealer(settings.secret.get_secret_value(), SEAL_PURPOSE)
    secret = new_secret()
    with database.write("test_staff") as session:
        invite_staff(
            session, sealer, username=username, name="演示", role=role, agency=agency, now=now, actor=TESTS
        )
        if enrolled:
            row = find_account(session, username)
            row.password_hash, row.totp_sealed = hash_of(PASSWORD), sealer.seal(secret.encode())
            row.enrolled_at = now
    return Person(username=username, password=PASSWORD, totp_secret=secret)


def make_session(database, username, now) -> str:
    """The token of a session that was opened just now."""
    with database.write("test_session") as session:
        return open_session(session, find_account(session, username), now=now, user_agent="tests").token
