"""The authorities of the demo province: seven departments at three levels, none of them real.

The names are those of 2017 with 演示· before them: an invented penalty may not carry a real authority's name.
"""

import functools
from dataclasses import dataclass
from typing import Final, Literal

from services.kernel import regions, uscc

Level = Literal["province", "prefecture", "county"]

PROVINCE: Final = "430000"

DEPARTMENTS: Final = {
    "development_reform": "发展和改革委员会",
    "economy_information": "经济和信息化委员会",
    "agriculture": "农业委员会",
    "housing_construction": "住房和城乡建设厅",
    "industry_commerce": "工商行政管理局",
    "quality_supervision": "质量技术监督局",
    "food_drug": "食品药品监督管理局",
}
"""The departments of the mandate (湘政办发〔2017〕49号, 三·七) and what their authorities are called."""

MARKET_DEPARTMENTS: Final = ("industry_commerce", "quality_supervision", "food_drug")
"""The departments that are also present below the province in the demo."""

COUNTIES: Final = ("430102", "430111", "430121", "430181", "430405", "430421", "430481")
"""Counties with agencies of their own (长沙 and 衡阳); elsewhere the prefecture's agency acts."""

_BRIEF_DEPARTMENTS: Final = {
    "economy_information": "经信",
    "industry_commerce": "工商",
    "quality_supervision": "质监",
    "food_drug": "食药监",
}
_BRIEF_PREFECTURES: Final = {
    "430000": "湘",
    "430100": "长",
    "430200": "株",
    "430300": "潭",
    "430400": "衡",
    "430500": "邵",
    "430600": "岳",
    "430700": "常",
    "430800": "张",
    "430900": "益",
    "431000": "郴",
    "431100": "永",
    "431200": "怀",
    "431300": "娄",
    "433100": "州",
}

_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "industry_commerce": (
        "enterprise_registration", "administrative_penalty", "complaint", "violation_report", "quality_commitment",
        "random_inspection",
    ),
    "quality_supervision": (
        "spot_check", "administrative_penalty", "quality_award", "administrative_licence", "certification", "recall",
        "standard_declaration", "standard_forerunner",
    ),
    "food_drug": ("spot_check", "administrative_penalty", "administrative_licence", "recall"),
    "economy_information": ("quality_award",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Agency:
    """One authority: `id` is `{department}-{region}`, `superior` the id of the agency above it (None at the top)."""

    id: str
    department: str
    name: str
    level: Level
    region: str
    superior: str | None
    uscc: str

    @property
    def brief(self) -> str:
        """What its document numbers begin with, 演示长质监; unique among the agencies."""
        place = _BRIEF_PREFECTURES[regions.prefecture_of(self.region) or PROVINCE]
        if self.level == "county":
            county = regions.short_name_of(self.region) or ""
            place += county if county.endswith("县") else county[:1]
        return f"演示{place}{_BRIEF_DEPARTMENTS.get(self.department, '')}"


def kinds_pushed(agency: Agency) -> tuple[str, ...]:
    """The kinds of record that the demo's agency states: what its grant must cover at least."""
    return _KINDS.get(agency.department, ())


def _agency(number: int, department: str, region: str, level: Level, superior: str | None) -> Agency:
    place = regions.short_name_of(region) or ""
    if level == "county" and place.endswith("区"):
        place = (regions.short_name_of(regions.prefecture_of(region) or "") or "") + place
    return Agency(
        id=f"{department}-{region}",
        department=department,
        name=f"演示·{place}{DEPARTMENTS[department]}",
        level=level,
        region=region,
        superior=superior,
        uscc=uscc.make("11" + region, f"KXA{number:05d}"),
    )


@functools.cache
def agencies() -> list[Agency]:
    """All agencies, superiors before those under them; the same list at every call."""
    made: list[Agency] = []
    for department in DEPARTMENTS:
        made.append(_agency(len(made) + 1, department, PROVINCE, "province", None))
    for department in MARKET_DEPARTMENTS:
        for region in regions.children_of(PROVINCE):
            superior = f"{department}-{PROVINCE}"
            made.append(_agency(len(made) + 1, department, region, "prefecture", superior))
    for department in MARKET_DEPARTMENTS:
        for region in COUNTIES:
            superior = f"{department}-{regions.prefecture_of(region)}"
            made.append(_agency(len(made) + 1, department, region, "county", superior))
    return made


@functools.cache
def _by_id() -> dict[str, Agency]:
    return {agency.id: agency for agency in agencies()}


def agency_for(department: str, region: str, level: Level = "county") -> Agency:
    """The agency that acts for a region, at the level asked for or the next one above where there is none."""
    places = {"county": region, "prefecture": regions.prefecture_of(region), "province": PROVINCE}
    order: tuple[Level, ...] = ("county", "prefecture", "province")
    for candidate in order[order.index(level) :]:
        agency = _by_id().get(f"{department}-{places[candidate]}")
        if agency is not None:
            return agency
    raise KeyError(f"no agency of {department} acts for {region}")
