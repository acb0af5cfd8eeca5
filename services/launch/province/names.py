"""Names of firms that do not exist: place, 演示, stem, trade, form (企业名称登记管理规定: 行政区划、字号、行业、组织形式)."""

from typing import Final

from services.kernel import regions
from services.launch.province.dice import Dice
from services.launch.province.products import Product, ProductClass

_FIRST: Final = (
    "湘楚金华新兴恒顺瑞福康安泰隆盛宏德诚嘉和美春晨东方天地永长万友鑫富祥吉利民裕丰旺盈益昌同正中南北星云"
)
_SECOND: Final = (
    "源达丰美佳诚信旺欣宇辰林洲川泉园坊记海江峰岭原野光辉明亮腾飞跃驰骏翔宁馨悦怡居堂社创智联通合众力群英"
)
SHARED_STEMS: Final = ("湘味源", "金芙蓉", "洞庭春")
"""Stems that many firms share, so that a search for them has to rank its results."""

_FORMS: Final = {
    "有限公司": 78,
    "有限责任公司": 12,
    "股份有限公司": 3,
    "厂": 5,
    "厂（普通合伙）": 2,
}
_SHOPS: Final = {"经营部": 30, "商行": 25, "店": 20, "加工坊": 15, "批发部": 10}
_STREETS: Final = (
    "老街坊",
    "同心",
    "向阳",
    "和平",
    "福源",
    "桥头",
    "南门",
    "兴旺",
    "平价",
    "好邻居",
    "新村",
    "码头",
)

_PLACES: Final = {"433100": "湘西", "433101": "吉首"}


def place_of(region: str) -> str:
    """The place as names of firms begin with it: 浏阳 for 浏阳市, 衡阳县, 长沙 for a district of 长沙."""
    if region in _PLACES:
        return _PLACES[region]
    name = regions.short_name_of(region) or ""
    if name.endswith("区"):
        return place_of(regions.prefecture_of(region) or region)
    if "族自治县" in name:
        return name[:2]
    return name.removesuffix("市") if name.endswith("市") else name


def draw_stem(dice: Dice, kind: ProductClass) -> str:
    """A stem (字号): one time in fifty a shared one, else two or three characters."""
    if dice.chance(0.02):
        return dice.pick(SHARED_STEMS)
    if dice.chance(0.3):
        return dice.pick(kind.stems) + dice.pick(_SECOND)
    return dice.pick(_FIRST) + dice.pick(_SECOND)


def draw_company_name(dice: Dice, region: str, kind: ProductClass, product: Product) -> tuple[str, str]:
    """The name of a company and its stem."""
    stem = draw_stem(dice, kind)
    return f"{place_of(region)}演示{stem}{product.trade}{dice.weighted(_FORMS)}", stem


def draw_shop_name(dice: Dice, region: str, product: Product) -> tuple[str, str]:
    """The name of an individually owned business: a district and a street, never a person's name."""
    district = regions.short_name_of(region) or ""
    stem = dice.pick(_STREETS) + dice.pick(_SECOND)
    return f"{district}演示{stem}{product.name}{dice.weighted(_SHOPS)}", stem


def enterprise_type_of(name: str) -> str:
    """The type that a register states for a name of this form."""
    if name.endswith("股份有限公司"):
        return "股份有限公司(非上市、自然人投资或控股)"
    if name.endswith(("有限公司", "有限责任公司")):
        return "有限责任公司(自然人投资或控股)"
    if name.endswith("厂（普通合伙）"):
        return "普通合伙企业"
    return "个人独资企业" if name.endswith("厂") else "个体工商户"
