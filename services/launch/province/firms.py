"""The enterprises of the demo province: invented, of a place, a trade and a temper."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from services.kernel import regions, uscc
from services.launch.province import names
from services.launch.province.dice import Dice
from services.launch.province.products import CLASSES, MIX, SHARES, Product, ProductClass

Temper = Literal["good", "fair", "poor", "bad"]

_TEMPERS: Final[dict[Temper, int]] = {"good": 62, "fair": 28, "poor": 8, "bad": 2}
_CAPITAL: Final = (10, 30, 50, 100, 100, 200, 300, 500, 500, 1000, 2000, 5000)
_ROADS: Final = (
    "演示大道",
    "演示北路",
    "演示工业园一路",
    "演示中路",
    "演示创业路",
    "演示南街",
    "演示科技园路",
)


@dataclass(frozen=True, slots=True)
class Firm:
    """One enterprise. `temper` is how it behaves and decides its history; no record ever states it."""

    uscc: str
    name: str
    stem: str
    region: str
    kind: ProductClass
    product: Product
    temper: Temper
    registered_on: date
    capital: int
    address: str

    @property
    def is_shop(self) -> bool:
        """Whether it is an individually owned business (个体工商户, 92…)."""
        return self.uscc.startswith("92")

    @property
    def enterprise_type(self) -> str:
        """The type that the register states."""
        return names.enterprise_type_of(self.name)


def _region(dice: Dice) -> str:
    return dice.pick(regions.children_of(dice.weighted(SHARES)))


def _class(dice: Dice, region: str) -> ProductClass:
    mix = MIX[regions.prefecture_of(region) or "430100"]
    return CLASSES[dice.weighted(dict(zip(CLASSES, mix, strict=True)))]


def draw_firm(dice: Dice, number: int, start: date, on: date, taken: set[str]) -> Firm:
    """The firm of this running number; its name is not among the `taken` ones and joins them."""
    shop = dice.chance(0.08)
    region = _region(dice)
    kind = _class(dice, region)
    while True:
        product = dice.pick(kind.products)
        if shop:
            name, stem = names.draw_shop_name(dice, region, product)
        else:
            name, stem = names.draw_company_name(dice, region, kind, product)
        if name not in taken:
            break
    taken.add(name)
    # Three quarters were there before the six years begin; the young ones have had a year to be inspected.
    if dice.chance(0.75):
        registered_on = start - timedelta(days=dice.below(365 * 14))
    else:
        registered_on = start + timedelta(days=dice.below(max(1, (on - start).days - 365)))
    return Firm(
        uscc=uscc.make(("92" if shop else "91") + region, f"KXD{number:05d}"),
        name=name,
        stem=stem,
        region=region,
        kind=kind,
        product=product,
        temper=dice.weighted(_TEMPERS),
        registered_on=registered_on,
        capital=dice.pick(_CAPITAL[:4] if shop else _CAPITAL),
        address=f"{regions.name_of(region)}{dice.pick(_ROADS)}{dice.between(1, 399)}号",
    )


def draw_firms(dice: Dice, count: int, start: date, on: date, taken: set[str]) -> list[Firm]:
    """`count` firms with codes KXD00001…, spread over all prefectures; their names are new and join the `taken`."""
    return [draw_firm(dice, number, start, on, taken) for number in range(1, count + 1)]
