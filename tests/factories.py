"""What tests need to exist before they act: agencies with grants and credentials, in one call each."""

from datetime import date

from services.exchange.service.administration import add_grant, register_agency, seed_departments
from services.exchange.service.credentials import issue_credential
from services.kernel import regions, uscc

FROM = date(2020, 1, 1)


def make_agency(
    database, department="industry_commerce", region="430000", *, grants=("push *",), **changes
) -> str:
    """An agency and its grants, each written `push KIND` or `pull KIND`, in its own region; answers its id."""
    serial = sum(map(ord, department)) * 1_000 + int(region[2:]) % 1_000
    with database.write("test_agency") as session:
        seed_departments(session)
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
        return issue_credential(
            session, settings.secret.get_secret_value(), agency=agency, now=now, **options
        )
