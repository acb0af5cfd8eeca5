"""A population to measure on: synthetic firms (演示) and records about them, the same for the same numbers."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec

from services.kernel import regions, uscc
from services.launch.province.products import CLASSES

FIRMS = 1_000_000
RECORDS = 10_000_000
"""At scale 1."""
PROVINCE = "430000"
PAGE = 1_000

_COUNTIES = [county for place in regions.children_of(PROVINCE) for county in regions.children_of(place)]
_PRODUCTS = [(entry.code, product) for entry in CLASSES.values() for product in entry.products]
_STEMS = [stem for entry in CLASSES.values() for stem in entry.stems]
_DAYS = 6 * 365
_AUTHORITY = {"name": "演示·湖南省市场监督管理局"}
_encode = msgspec.json.Encoder().encode


def firm(number: int) -> tuple[str, str, str]:
    """A firm's code, name and region. The codes' middle part, KX and six digits, is the demo's: no real firm has it."""
    region = _COUNTIES[number * 7 % len(_COUNTIES)]
    place = (regions.short_name_of(region) or "").removesuffix("县")
    _, product = _PRODUCTS[number * 5 % len(_PRODUCTS)]
    stem = _STEMS[number * 11 % len(_STEMS)]
    return (
        uscc.make(f"91{region}", f"KX{number:06d}"),
        f"演示·{place}{stem}{product.trade}{number}号有限公司",
        region,
    )


def registrations(numbers: range, today: date) -> Iterator[bytes]:
    """The register's record of each firm, one JSON line each."""
    for number in numbers:
        code, name, region = firm(number)
        day = today - timedelta(days=_DAYS + number % 3_000)
        yield _line(
            f"R-{number}", "enterprise_registration", (code, name, region), day,
            details={
                "registered_on": day.isoformat(), "enterprise_type": "有限责任公司",
                "registered_capital": f"{number % 900 + 100}万元人民币", "business_scope": "日用品的生产与销售。（演示数据）",
                "address": f"{regions.name_of(region)}演示路{number % 400 + 1}号",
            },
        )  # fmt: skip


def acts(firms: range, count: int, today: date, *, series: str) -> Iterator[bytes]:
    """So many spot checks, penalties and awards (14 : 4 : 2) on firms in random order, one JSON line each.

    Equal arguments give equal lines; another `series` gives other records. Six in a hundred checks fail, their
    producers confirmed.
    """
    dice = random.Random(f"{series} {firms} {count}")
    for serial in range(count):
        who = firm(firms[dice.randrange(len(firms))])
        day = today - timedelta(days=30 + dice.randrange(_DAYS))
        yield _act(dice, f"{series}-{serial}", who, day)


def _act(dice: random.Random, serial: str, who: tuple[str, str, str], day: date) -> bytes:
    group, product = _PRODUCTS[dice.randrange(len(_PRODUCTS))]
    goods = {"name": product.name, "class": group, "brand": "演示牌", "batch": day.strftime("%Y%m%d")}
    draw = dice.randrange(20)
    if draw < 14:
        fails = dice.randrange(100) < 6
        party = {"role": "producer", "subject": {"uscc": who[0], "name": who[1]}, "confirmed": True}
        return _line(
            f"C-{serial}", "spot_check", who, day, product=goods, stage="production",
            published_on=(day + timedelta(days=20)).isoformat(), parties=[party] if fails else [],
            details={
                "result": "fail" if fails else "pass", "failed_items": list(product.failings[:1]) if fails else [],
                "level": "provincial", "announcement": f"演示公告〔{day.year}〕{dice.randrange(24) + 1}号",
            },
        )  # fmt: skip
    if draw < 18:
        fine = dice.randrange(1, 40) * 500
        return _line(
            f"P-{serial}", "administrative_penalty", who, day, product=goods, stage="production",
            document_number=f"演示市监罚字〔{day.year}〕{serial}号", served_on=(day + timedelta(days=3)).isoformat(),
            obligation_fulfilled_on=(day + timedelta(days=5)).isoformat(),
            details={
                "violation": f"生产不符合标准的{product.name}", "basis": "《中华人民共和国产品质量法》第四十九条",
                "penalty_types": ["罚款"], "fine_amount": f"{fine}.00", "content": f"罚款人民币{fine}元。",
            },
        )  # fmt: skip
    return _line(
        f"A-{serial}", "quality_award", who, day, document_number=f"演示质奖字〔{day.year}〕{serial}号",
        valid_until=(day + timedelta(days=3 * 365)).isoformat(),
        details={"name": "演示质量奖", "level": "provincial"},
    )  # fmt: skip


def _line(source_id: str, kind: str, who: tuple[str, str, str], day: date, **members: Any) -> bytes:
    code, name, region = who
    return _encode(
        {
            "source_record_id": source_id, "kind": kind, "operation": "upsert", "subject": {"uscc": code, "name": name},
            "authority": _AUTHORITY, "assertion": "determined", "effect": "final", "region": region,
            "occurred_on": day.isoformat(), **members,
        }
    )  # fmt: skip
