"""What else agencies tell of a firm: licences, certificates, standards, commitments, complaints, recalls, inspections.

It follows from the firm's temper as its samples do, and is drawn from other dice than those.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from services.launch.province.agencies import Agency, agency_for
from services.launch.province.dice import Dice
from services.launch.province.firms import Firm, Temper
from services.launch.province.statements import Statement, begin, product_of

_COMPLAINTS: Final[dict[Temper, int]] = {"good": 12, "fair": 45, "poor": 130, "bad": 260}
"""Complaints expected in six years, in hundredths."""
_KEPT: Final[dict[Temper, float]] = {"good": 0.98, "fair": 0.9, "poor": 0.6, "bad": 0.3}
"""Share of commitments that were found kept."""
_ISSUES: Final = ("产品质量", "售后服务", "虚假宣传", "价格", "标识标签")
_OUTCOMES: Final = {"settled": 60, "not_settled": 20, "withdrawn": 12, "not_accepted": 8}
_MATTERS: Final = ("登记事项检查", "公示信息检查", "产品质量检查", "标识标签检查")
_RESULTS: Final = {"no_problem": 86, "corrected": 9, "to_follow_up": 3, "obstructed": 2}
_CERTIFICATES: Final = (
    ("management_system", "质量管理体系认证", "GB/T 19001-2016"),
    ("management_system", "食品安全管理体系认证", "GB/T 22000-2006"),
    ("product", "自愿性产品认证", "演示产品认证规则"),
    ("green", "绿色产品认证", "演示绿色产品规则"),
    ("compulsory", "强制性产品认证", "演示强制性认证规则"),
)


def _told(
    kind: str, agency: Agency, firm: Firm, day: date, details: dict[str, Any], **changed: Any
) -> Statement:
    document = changed.pop("document", None)
    record = begin(kind, agency, firm, day) | {"details": details} | changed
    return Statement(agency, day, record, document=document)


def _day(dice: Dice, since: date, on: date) -> date:
    return since + timedelta(days=dice.below((on - since).days))


def _licence(dice: Dice, firm: Firm, since: date, on: date) -> Iterator[Statement]:
    is_food = firm.kind.code == "food"
    if not dice.chance(0.6 if is_food else 0.2):
        return
    agency = agency_for("food_drug" if is_food else "quality_supervision", firm.region, "prefecture")
    day = _day(dice, since, on)
    name = ("食品经营许可证" if firm.is_shop else "食品生产许可证") if is_food else "工业产品生产许可证"
    details = {
        "document_name": "准予行政许可决定书", "licence_type": "ordinary", "certificate_name": name,
        "certificate_number": f"演示许{firm.uscc[8:16]}", "content": firm.product.name, "valid_from": day.isoformat(),
    }  # fmt: skip
    until = (day + timedelta(days=5 * 365)).isoformat()
    yield _told(
        "administrative_licence",
        agency,
        firm,
        day,
        details,
        document="许",
        valid_until=until,
        stage="production",
    )


def _certificate(dice: Dice, firm: Firm, since: date, on: date) -> Iterator[Statement]:
    if firm.is_shop or not dice.chance(0.22 if firm.temper == "good" else 0.1):
        return
    agency = agency_for("quality_supervision", firm.region, "province")
    day = _day(dice, since, on)
    category, scheme, standard = dice.pick(_CERTIFICATES)
    status = "valid" if dice.chance(0.94) else dice.pick(("suspended", "revoked", "cancelled"))
    details = {
        "certificate_number": f"演示证{firm.uscc[8:16]}", "category": category, "scheme": scheme, "standard": standard,
        "body": "演示认证中心", "status": status,
    }  # fmt: skip
    until = (day + timedelta(days=3 * 365)).isoformat()
    yield _told("certification", agency, firm, day, details, valid_until=until, product=product_of(firm))


def _standards(dice: Dice, firm: Firm, since: date, on: date) -> Iterator[Statement]:
    if firm.is_shop or not dice.chance(0.2):
        return
    agency = agency_for("quality_supervision", firm.region, "prefecture")
    day = _day(dice, since, on)
    number = f"Q/YS{firm.uscc[12:16]} 001-{day.year}"
    indicators = [f"{item}：优于国家标准" for item in dice.some(firm.product.failings, 2)]
    details = {
        "standard_number": number, "standard_name": f"{firm.product.name}（演示）", "standard_level": "enterprise",
        "indicators": indicators, "stricter": dice.chance(0.3),
    }  # fmt: skip
    yield _told(
        "standard_declaration",
        agency,
        firm,
        day,
        details,
        assertion="self_declared",
        product=product_of(firm),
    )
    later = day + timedelta(days=dice.between(60, 400))
    if firm.temper == "good" and later <= on and dice.chance(0.1):
        ranked = {
            "list_name": firm.product.name, "year": later.year, "standard_number": number, "rank": dice.between(1, 10),
            "indicators": indicators, "assessor": "演示标准评估院",
        }  # fmt: skip
        provincial = agency_for("quality_supervision", firm.region, "province")
        until = (later + timedelta(days=365)).isoformat()
        yield _told(
            "standard_forerunner",
            provincial,
            firm,
            later,
            ranked,
            valid_until=until,
            product=product_of(firm),
        )


def _commitments(dice: Dice, firm: Firm, since: date, on: date) -> Iterator[Statement]:
    if not dice.chance(0.12):
        return
    agency = agency_for("industry_commerce", firm.region, "prefecture")
    day = _day(dice, since, on)
    details = {
        "content": f"{firm.product.name}三年内质量问题免费更换（演示）",
        "category": "product_quality",
        "fulfilment": "pending",
    }
    yield _told("quality_commitment", agency, firm, day, details, assertion="self_declared")
    found = day + timedelta(days=365)
    if found <= on:
        kept = "kept" if dice.chance(_KEPT[firm.temper]) else "broken"
        details = details | {"fulfilment": kept, "assessed_on": found.isoformat()}
        yield _told("quality_commitment", agency, firm, found, details, document="承")


def _complaints(dice: Dice, firm: Firm, since: date, on: date) -> Iterator[Statement]:
    whole, rest = divmod(_COMPLAINTS[firm.temper], 100)
    agency = agency_for("industry_commerce", firm.region)
    for _ in range(whole + (dice.below(100) < rest)):
        day = _day(dice, since, on)
        if dice.chance(0.15):
            details: dict[str, Any] = {
                "channel": "12345", "suspected_violation": "涉嫌销售不合格产品", "anonymous": dice.chance(0.4),
                "outcome": dice.pick(("case_filed", "not_filed", "unfounded")),
            }  # fmt: skip
            yield _told("violation_report", agency, firm, day, details, assertion="third_party")
            continue
        details = {
            "channel": dice.pick(("12315", "12315", "12345", "online")), "issue": dice.pick(_ISSUES),
            "content": f"反映所购{firm.product.name}存在问题（演示）", "amount": f"{dice.between(20, 3000)}.00",
            "accepted_on": day.isoformat(), "outcome": dice.weighted(_OUTCOMES),
        }  # fmt: skip
        yield _told(
            "complaint",
            agency,
            firm,
            day,
            details,
            assertion="third_party",
            stage="consumption",
            product=product_of(firm),
        )


def _recall(dice: Dice, firm: Firm, since: date, on: date) -> Iterator[Statement]:
    if firm.is_shop or not dice.chance(
        {"good": 0.002, "fair": 0.006, "poor": 0.03, "bad": 0.08}[firm.temper]
    ):
        return
    agency = agency_for(
        "food_drug" if firm.kind.code == "food" else "quality_supervision", firm.region, "province"
    )
    day = _day(dice, since, on)
    made = dice.between(500, 20_000)
    details = {
        "initiation": "voluntary" if dice.chance(0.7) else "ordered", "defect": f"{dice.pick(firm.product.failings)}不符合要求",
        "measures": "免费更换或退货", "produced_quantity": made, "recalled_quantity": made * 9 // 10,
        "progress": "completed" if (on - day).days > 200 else "under_way",
    }  # fmt: skip
    yield _told("recall", agency, firm, day, details, document="召", product=product_of(firm))


def _inspection(dice: Dice, firm: Firm, since: date, on: date) -> Iterator[Statement]:
    if not dice.chance(0.2):
        return
    agency = agency_for("industry_commerce", firm.region)
    day = _day(dice, since, on)
    result = "no_problem" if firm.temper == "good" else dice.weighted(_RESULTS)
    details = {
        "plan": f"{day.year}年度双随机抽查计划（演示）", "matters": dice.some(_MATTERS, 3), "mode": "undirected",
        "joint": dice.chance(0.3), "result": result,
    }  # fmt: skip
    yield _told("random_inspection", agency, firm, day, details)


def tell_conduct(dice: Dice, firm: Firm, start: date, on: date) -> Iterator[Statement]:
    """Everything besides samples, penalties and awards that agencies stated on the firm, in no particular order."""
    since = max(firm.registered_on, start) + timedelta(days=90)
    for part in (_licence, _certificate, _standards, _commitments, _complaints, _recall, _inspection):
        yield from part(dice, firm, since, on)
