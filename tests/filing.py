"""What tests file in credit: firms, sound records of the first kinds, agencies with grants, and pages of a batch."""

import json
from datetime import date
from itertools import count

from sqlalchemy import text

from services.credit.service.intake import Page, take_page
from services.credit.settings import CreditSettings
from services.kernel import uscc
from services.kernel.policy import AgencyFact, GrantFact, Policy
from services.kernel.tokens import SigningKey
from tests.forgery import ISSUER

SINCE = date(2010, 1, 1)


def code_of(number, region="430100"):
    """A sound code of the range kept for made-up firms."""
    return uscc.make(f"91{region}", f"KXD{number:05d}")


def name_of(number):
    return f"演示第{number}号制造有限公司"


def record(number, kind, source, occurred_on, details, **changed):
    stated = {
        "source_record_id": source,
        "kind": kind,
        "subject": {"uscc": code_of(number), "name": name_of(number)},
        "occurred_on": occurred_on,
        "details": details,
    }
    return stated | changed


def registration(number, source=None, name=None, **changed):
    subject = {"uscc": code_of(number), "name": name or name_of(number)}
    stated = {"subject": subject} | changed
    return record(number, "enterprise_registration", source or f"reg-{number}", "2020-05-06", {}, **stated)


def penalty(number, source="p-1", occurred_on="2026-03-02", *, types=("罚款",), fine="60000.00", **changed):
    details = {
        "violation": "演示违法行为",
        "basis": "演示依据",
        "penalty_types": list(types),
        "content": "演示",
    }
    details |= {"fine_amount": fine} if fine else {}
    stated = {"document_number": f"演示罚〔2026〕{source}号"} | changed
    return record(number, "administrative_penalty", source, occurred_on, details, **stated)


def check(number, source="c-1", occurred_on="2026-06-01", *, result="pass", confirmed=None, **changed):
    details = {"result": result, "level": "municipal"}
    if confirmed is not None:
        producer = {"role": "producer", "subject": {"uscc": code_of(number)}, "confirmed": confirmed}
        changed = {"parties": [producer]} | changed
    return record(number, "spot_check", source, occurred_on, details, **changed)


def award(number, source="a-1", occurred_on="2025-09-01", **changed):
    stated = {"document_number": f"演示奖〔2025〕{source}号"} | changed
    return record(
        number, "quality_award", source, occurred_on, {"name": "演示奖", "level": "provincial"}, **stated
    )


def agency(department="industry_commerce", region="430000"):
    serial = sum(map(ord, department)) * 1_000 + int(region[2:]) % 1_000
    return AgencyFact(
        id=f"{department}-{region}",
        department=department,
        name=f"演示·{department}",
        level="province" if region.endswith("0000") else "prefecture",
        region=region,
        superior=None,
        uscc=uscc.make(f"11{region}", f"KXB{serial % 100_000:05d}"),
        valid_from=SINCE,
    )


PROVINCIAL = agency()
OTHER = agency("quality_supervision")


def grant(holder, direction="push", kind="*", regions=("430000",)):
    return GrantFact(
        id=f"{holder.id}-{direction}-{kind}-{'-'.join(regions)}",
        agency=holder.id,
        direction=direction,
        kind=kind,
        regions=tuple(regions),
        groups=("public",),
        purpose="测试",
        valid_from=SINCE,
    )


def policy_of(*grants, agencies=(PROVINCIAL, OTHER), jwks=None, credentials=(), version=1):
    return Policy(version, jwks or {"keys": []}, list(agencies), list(credentials), list(grants), [])


EVERYTHING = policy_of(grant(PROVINCIAL), grant(OTHER))
_batches = count(1)


def credit_settings(database_url, service_keys=None):
    keys = service_keys or {"exchange": SigningKey.generate(), "credit": SigningKey.generate()}
    return CreditSettings(
        database_url=database_url,
        issuer=ISSUER,
        secret="a secret of the tests, never of a deployment",
        service_key=keys["credit"].pem,
        exchange_keys=json.dumps({"keys": [keys["exchange"].jwk]}),
        exchange_url="http://exchange.test",
    )


def body_of(records):
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in records)


def page_of(records, *, batch=None, number=0, first_index=0, dry_run=False):
    """A page of a new batch, or of the batch of a number."""
    batch = next(_batches) if batch is None else batch
    return Page(f"batch-{batch}", batch, number, first_index, body_of(records), "zh", dry_run)


def take(credit, *records, provider=PROVINCIAL, policy=EVERYTHING, **of_page):
    """Take records as one page; answers the verdicts."""
    answer = take_page(credit, page_of(records, **of_page), provider, policy)
    return [json.loads(line) for line in answer.verdicts.splitlines()]


def rows(database, statement, **values):
    with database.read() as session:
        return [tuple(row) for row in session.connection().execute(text(statement), values)]


def events_of(database, number=None):
    """The events of a firm, or all, in order of outbox number."""
    found = rows(database, "SELECT lines FROM outbox ORDER BY no")
    events = [json.loads(event) for (lines,) in found for event in lines.split("\n")]
    return [event for event in events if number is None or event["uscc"] == code_of(number)]


def facts_of(database, number):
    """The stored facts of a firm, in order of record."""
    found = rows(
        database, "SELECT facts FROM enterprise WHERE uscc = :code AND version > 0", code=code_of(number)
    )
    return sorted(json.loads(found[0][0])) if found else None


def card_of(database, number):
    found = rows(database, "SELECT body FROM card WHERE uscc = :code", code=code_of(number))
    return json.loads(found[0][0]) if found else None


def make_empty(database):
    """Take everything out of a credit database but its rule book."""
    tables = (
        "batch_page",
        "card",
        "enterprise",
        "enterprise_name",
        "outbox",
        "outbox_delivery",
        "record",
        "record_version",
    )
    with database.write("test_emptied") as session:
        for table in tables:
            session.connection().execute(text(f"DELETE FROM {table}"))
        if database.is_sqlite:
            session.connection().exec_driver_sql(
                "INSERT INTO enterprise_name_index (enterprise_name_index) VALUES ('delete-all')"
            )
