"""The six years of one firm: what its temper makes of inspections, penalties and awards."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from services.launch.province import offences, statements
from services.launch.province.agencies import PROVINCE, Agency, Level, agency_for
from services.launch.province.dice import Dice
from services.launch.province.firms import Firm, Temper
from services.launch.province.statements import Statement

_FAILURE: Final[dict[Temper, int]] = {"good": 26, "fair": 96, "poor": 245, "bad": 440}
"""Share of failed samples in thousandths, before the risk of the product class."""
_SAMPLES: Final[dict[Temper, tuple[int, int]]] = {
    "good": (3, 12),
    "fair": (4, 13),
    "poor": (6, 16),
    "bad": (8, 20),
}
"""Samples in six years, from and to: supervision looks at poor firms more often."""
_PENALTIES: Final[dict[Temper, int]] = {"good": 18, "fair": 65, "poor": 210, "bad": 450}
"""Penalties without a failed sample behind them, expected in six years, in hundredths."""
_LEVELS: Final[dict[Level, int]] = {"province": 35, "prefecture": 40, "county": 25}
_AWARDS: Final = (
    ("quality_supervision", "province", "湖南名牌产品（演示）", "provincial", 3, 50),
    ("economy_information", "province", "湖南省工业名品（演示）", "provincial", 3, 25),
    ("quality_supervision", "prefecture", "市长质量奖（演示）", "municipal", 3, 20),
    ("quality_supervision", "province", "湖南省省长质量奖（演示）", "provincial", 5, 5),
)

Shops = dict[str, Sequence[Firm]]
"""Individually owned businesses by prefecture stem (four digits): where samples are bought."""


def quality_department(firm: Firm) -> str:
    """Who supervises the firm's products: food has its own authority."""
    return "food_drug" if firm.kind.code == "food" else "quality_supervision"


def _follow_failure(
    dice: Dice, firm: Firm, agency: Agency, *, day: date, on: date, odds: int
) -> Iterator[Statement]:
    """The re-check within 75 days and, one time in three, the penalty (产品质量法 §§ 17, 49-50)."""
    recheck = day + timedelta(days=dice.between(55, 75))
    if recheck + timedelta(days=20) <= on and dice.chance(0.6):
        again = dice.some(firm.product.failings, 1) if dice.below(1000) < odds // 2 else []
        yield statements.sample(agency, firm, recheck, again, recheck=True)
    decided = day + timedelta(days=dice.between(40, 150))
    if decided + timedelta(days=7) <= on and dice.chance(0.33):
        if firm.kind.code == "food":
            offence = offences.FAILED_FOOD
        else:
            offence = dice.pick((offences.FAILED_GOODS, offences.FAILED_GOODS, offences.UNSAFE_GOODS))
        yield _penalty(dice, agency, firm, decided, offence)


def _penalty(dice: Dice, agency: Agency, firm: Firm, day: date, offence: offences.Offence) -> Statement:
    # What is not fulfilled within the week is told as unfulfilled; most agencies never come back to it.
    types = offences.draw_types(dice)
    fine = offences.draw_fine(dice, shop=firm.is_shop)
    return statements.penalise(
        agency, firm, day, offence, types=types, fine=fine, fulfilled=dice.chance(0.85)
    )


def _samples(dice: Dice, firm: Firm, since: date, on: date, shops: Shops) -> Iterator[Statement]:
    span = (on - since).days - 20
    low, high = _SAMPLES[firm.temper]
    odds = _FAILURE[firm.temper] * firm.kind.risk // 100
    for _ in range(dice.between(low, high)):
        day = since + timedelta(days=dice.below(span))
        level = dice.weighted(_LEVELS)
        agency = agency_for(quality_department(firm), firm.region, level)
        seller = dice.pick(shops[firm.region[:4]]) if dice.chance(0.25) and not firm.is_shop else None
        national = "national" if agency.region == PROVINCE and dice.chance(0.15) else None
        if firm.temper != "good" and dice.chance(0.008):
            yield statements.sample(agency, firm, day, [], refused=True, level=national)
        elif dice.below(1000) < odds:
            failed = dice.some(firm.product.failings, 2)
            confirmed = dice.chance(0.985)
            yield statements.sample(
                agency, firm, day, failed, confirmed=confirmed, seller=seller, level=national
            )
            if confirmed:
                yield from _follow_failure(dice, firm, agency, day=day, on=on, odds=odds)
        else:
            yield statements.sample(agency, firm, day, [], seller=seller, level=national)


def _penalties(dice: Dice, firm: Firm, since: date, on: date) -> Iterator[Statement]:
    span = (on - since).days - 7
    whole, rest = divmod(_PENALTIES[firm.temper], 100)
    for _ in range(whole + (dice.below(100) < rest)):
        department = dice.pick(("industry_commerce", quality_department(firm)))
        agency = agency_for(department, firm.region, dice.pick(("county", "prefecture")))
        day = since + timedelta(days=dice.below(span))
        offence = dice.pick(offences.OFFENCES[department])
        yield _penalty(dice, agency, firm, day, offence)


def _awards(dice: Dice, firm: Firm, since: date, on: date) -> Iterator[Statement]:
    if firm.is_shop or firm.temper in ("poor", "bad") or not dice.chance(0.16):
        return
    weights = {place: entry[5] for place, entry in enumerate(_AWARDS)}
    department, level, name, rank, years, _ = _AWARDS[dice.weighted(weights)]
    agency = agency_for(department, firm.region, "province" if level == "province" else "prefecture")
    day = since + timedelta(days=dice.below((on - since).days))
    while day <= on:
        yield statements.honour(agency, firm, day, name, level=rank, years=years)
        day += timedelta(days=365 * years)


def tell_history(dice: Dice, firm: Firm, start: date, on: date, shops: Shops) -> Iterator[Statement]:
    """Everything that agencies stated on the firm from `start` to `on`, in no particular order.

    The register's statement comes first in time: firms older than the six years were registered again in their first
    sixty days, when codes replaced the old numbers.
    """
    level: Level = "province" if dice.chance(0.03) else "county"
    registered = firm.registered_on if firm.registered_on >= start else start + timedelta(days=dice.below(60))
    yield statements.register(agency_for("industry_commerce", firm.region, level), firm, registered)
    since = registered + timedelta(days=30)
    yield from _samples(dice, firm, since, on, shops)
    yield from _penalties(dice, firm, since, on)
    yield from _awards(dice, firm, since, on)
