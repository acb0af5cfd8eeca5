"""Statements of agencies in the shape of the push contract, before they have numbers.

A statement's own number and its document's number depend on what the agency said before, so `ledger` writes them.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from services.launch.province.agencies import Agency
from services.launch.province.firms import Firm
from services.launch.province.offences import Offence

Record = dict[str, Any]
Reason = Literal["revoked", "changed", "unlawful"]

_BUSINESS: dict[str, str] = {
    "food": "食品生产、销售",
    "furniture_decoration": "家具、装饰装修材料的生产、销售",
    "apparel_textile": "服装、鞋帽、纺织品的加工、销售",
    "household_goods": "日用杂品的制造、销售",
    "appliance_electronics": "家用电器、电子产品的研发、生产、销售",
}


@dataclass(slots=True)
class Statement:
    """What an agency says on a day. `document` is the character of its number (罚, 抽, 奖, 许, 召, 承) or None;
    `original` is the statement that this one repeats under the same numbers, to change or withdraw it."""

    agency: Agency
    told_on: date
    record: Record
    document: str | None = None
    original: "Statement | None" = field(default=None, repr=False)


def begin(kind: str, agency: Agency, firm: Firm, day: date) -> Record:
    """What every statement of an agency on a firm begins with."""
    return {
        "source_record_id": "",
        "kind": kind,
        "operation": "upsert",
        "subject": {"uscc": firm.uscc, "name": firm.name},
        "authority": {"uscc": agency.uscc, "name": agency.name},
        "assertion": "determined",
        "effect": "final",
        "region": firm.region,
        "occurred_on": day.isoformat(),
    }


def product_of(firm: Firm, batch: str | None = None) -> Record:
    """The firm's product as statements name it."""
    stated: Record = {"name": firm.product.name, "class": firm.kind.code, "brand": f"{firm.stem}牌"}
    return stated if batch is None else stated | {"batch": batch}


def register(agency: Agency, firm: Firm, day: date, *, name: str | None = None) -> Statement:
    """The register's statement that the firm exists; `name` replaces the firm's, for the time before it changed it."""
    record = begin("enterprise_registration", agency, firm, day)
    if name is not None:
        record["subject"]["name"] = name
    record["stage"] = "production"
    record["details"] = {
        "registered_on": firm.registered_on.isoformat(),
        "enterprise_type": firm.enterprise_type,
        "registered_capital": f"{firm.capital}万元人民币",
        "business_scope": f"{_BUSINESS[firm.kind.code]}；{firm.product.name}的生产与销售。（演示数据）",
        "address": firm.address,
    }
    return Statement(agency, day, record)


def penalise(
    agency: Agency,
    firm: Firm,
    day: date,
    offence: Offence,
    *,
    types: tuple[str, ...],
    fine: int,
    fulfilled: bool = True,
) -> Statement:
    """A decision on an administrative penalty, told a week after it; `fine` in yuan counts where 罚款 is a type.

    A warning by itself is not published (行政处罚信息公示规定 § 2).
    """
    record = begin("administrative_penalty", agency, firm, day)
    record["served_on"] = (day + timedelta(days=3)).isoformat()
    record["published_on"] = None if types == ("警告",) else (day + timedelta(days=6)).isoformat()
    record["obligation_fulfilled_on"] = (day + timedelta(days=5)).isoformat() if fulfilled else None
    record["stage"] = offence.stage
    record["product"] = product_of(firm)
    content = "；".join(f"罚款人民币{fine}元" if kind == "罚款" else kind for kind in types)
    record["details"] = {
        "violation": offence.describe(firm.product.name),
        "basis": offence.basis,
        "penalty_types": list(types),
        "content": content + "。",
    }
    if "罚款" in types:
        record["details"]["fine_amount"] = f"{fine}.00"
    return Statement(agency, day + timedelta(days=7), record, document="罚")


def sample(
    agency: Agency,
    firm: Firm,
    day: date,
    failed_items: list[str],
    *,
    refused: bool = False,
    confirmed: bool = True,
    seller: Firm | None = None,
    level: str | None = None,
    recheck: bool = False,
) -> Statement:
    """One sampled batch of the firm's product and its result, announced 20 days later.

    With a `seller` the sample was taken in a shop; `confirmed` says whether the named producer stands by it.
    """
    announced = day + timedelta(days=20)
    record = begin("spot_check", agency, firm, day)
    record["published_on"] = announced.isoformat()
    record["stage"] = "production" if seller is None else "circulation"
    record["product"] = product_of(firm, (day - timedelta(days=17)).strftime("%Y%m%d"))
    result = "refused" if refused else "fail" if failed_items else "pass"
    parties = []
    if result != "pass" or seller is not None:
        parties.append({"role": "producer", "subject": dict(record["subject"]), "confirmed": confirmed})
    if seller is not None:
        parties.append(
            {"role": "seller", "subject": {"uscc": seller.uscc, "name": seller.name}, "confirmed": True}
        )
    if parties:
        record["parties"] = parties
    number = announced.month * 2 - (announced.day <= 15)
    record["details"] = {
        "result": result,
        "failed_items": failed_items,
        "level": level
        or {"province": "provincial", "prefecture": "municipal", "county": "county"}[agency.level],
        "announcement": f"{agency.brief}{'复查' if recheck else ''}公告〔{announced.year}〕{number}号",
    }
    return Statement(agency, announced, record, document=None if result == "pass" else "抽")


def honour(agency: Agency, firm: Firm, day: date, name: str, *, level: str, years: int) -> Statement:
    """An award conferred for a number of years."""
    record = begin("quality_award", agency, firm, day)
    record["published_on"] = day.isoformat()
    record["valid_until"] = (day + timedelta(days=365 * years)).isoformat()
    record["stage"] = "production"
    record["product"] = product_of(firm)
    record["details"] = {"name": name, "level": level}
    return Statement(agency, day, record, document="奖")


def declare(agency: Agency, firm: Firm, day: date, indicators: list[str]) -> Statement:
    """The firm's own standard with its key indicators, as the firm declared it."""
    record = begin("standard_declaration", agency, firm, day)
    record["assertion"] = "self_declared"
    record["product"] = product_of(firm)
    record["details"] = {
        "standard_number": f"Q/YS{firm.uscc[12:16]} 001-{day.year}", "standard_name": f"{firm.product.name}（演示）",
        "standard_level": "enterprise", "indicators": indicators, "stricter": True,
    }  # fmt: skip
    return Statement(agency, day, record)


def recall(agency: Agency, firm: Firm, day: date, defect: str, *, batch: str, quantity: int) -> Statement:
    """A batch that the firm was ordered to recall."""
    record = begin("recall", agency, firm, day)
    record["published_on"] = day.isoformat()
    record["product"] = product_of(firm, batch)
    record["details"] = {
        "initiation": "ordered", "defect": defect, "measures": "免费更换或退货", "produced_quantity": quantity,
        "recalled_quantity": quantity, "completed_quantity": quantity * 7 // 10, "progress": "under_way",
    }  # fmt: skip
    return Statement(agency, day, record, document="召")


def correct(original: Statement, told_on: date, **details: Any) -> Statement:
    """The same agency says that its statement was wrong in these members of its details."""
    record = original.record | {"operation": "correct", "details": original.record["details"] | details}
    return Statement(original.agency, told_on, record, original.document, original)


def withdraw(original: Statement, told_on: date, reason: Reason) -> Statement:
    """The act behind the statement fell: it was revoked, changed or found unlawful."""
    record = original.record | {"operation": "withdraw", "reason": reason}
    return Statement(original.agency, told_on, record, original.document, original)


def confirm(original: Statement, told_on: date) -> Statement:
    """The agency states a held failure again, its producer now confirmed."""
    parties = [party | {"confirmed": True} for party in original.record["parties"]]
    return Statement(
        original.agency, told_on, original.record | {"parties": parties}, original.document, original
    )


def by_name(stated: Statement, name: str) -> Statement:
    """The same, by an agency that knows the firm by a name and not by its code."""
    stated.record["subject"] = {"name": name}
    return stated


def rename(original: Statement, told_on: date, name: str) -> Statement:
    """The register states the firm again, under its new name, with the day of the change."""
    record = original.record | {
        "subject": original.record["subject"] | {"name": name},
        "occurred_on": told_on.isoformat(),
    }
    return Statement(original.agency, told_on, record, original.document, original)
