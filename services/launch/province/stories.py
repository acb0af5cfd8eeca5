"""Firms worth opening: each shows one thing that the platform does, and the demo prints them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.kernel import regions, uscc
from services.launch.province import offences, statements
from services.launch.province.agencies import agency_for
from services.launch.province.firms import Firm
from services.launch.province.history import quality_department
from services.launch.province.products import CLASSES
from services.launch.province.statements import Statement

SPAN: Final = timedelta(days=6 * 365)
"""How far back the province goes."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A firm and the day on which its story is told; days of the story are counted back from there."""

    firm: Firm
    on: date

    def ago(self, days: int) -> date:
        """The day so many days back."""
        return self.on - timedelta(days=days)

    def registered(self, *, name: str | None = None) -> Statement:
        """The register's statement at the beginning of the six years."""
        agency = agency_for("industry_commerce", self.firm.region)
        return statements.register(agency, self.firm, self.on - SPAN + timedelta(days=14), name=name)

    def sampled(self, days: int, *failed: str, confirmed: bool = True, refused: bool = False) -> Statement:
        """A sample taken by the prefecture's quality (or food) authority."""
        agency = agency_for(quality_department(self.firm), self.firm.region, "prefecture")
        return statements.sample(
            agency, self.firm, self.ago(days), list(failed), confirmed=confirmed, refused=refused
        )

    def penalised(self, days: int, offence: offences.Offence, fine: int, *types: str) -> Statement:
        """A penalty by the same authority; 罚款 alone unless other types are given."""
        agency = agency_for(quality_department(self.firm), self.firm.region, "prefecture")
        return statements.penalise(
            agency, self.firm, self.ago(days), offence, types=types or ("罚款",), fine=fine
        )

    def honoured(self, days: int, name: str, years: int = 3) -> Statement:
        """A provincial award."""
        agency = agency_for("quality_supervision", self.firm.region, "province")
        return statements.honour(agency, self.firm, self.ago(days), name, level="provincial", years=years)

    def declared(self, days: int, *indicators: str) -> Statement:
        """The firm's standard with its indicators, handed in at the prefecture's quality authority."""
        agency = agency_for("quality_supervision", self.firm.region, "prefecture")
        return statements.declare(agency, self.firm, self.ago(days), list(indicators))

    def recalled(self, days: int, defect: str, batch: str) -> Statement:
        """An ordered recall of a batch."""
        agency = agency_for(quality_department(self.firm), self.firm.region, "province")
        return statements.recall(agency, self.firm, self.ago(days), defect, batch=batch, quantity=12_000)


def _fallen_winner(scene: Scene) -> Iterator[Statement]:
    yield scene.registered()
    yield from (scene.sampled(days) for days in (1900, 1600, 1250))
    yield scene.declared(1300, "苯甲酸及其钠盐：不得检出", "净含量：负偏差不超过1%")
    yield scene.honoured(1000, "湖南省省长质量奖（演示）", 5)
    yield scene.sampled(420, "苯甲酸及其钠盐")
    failed = scene.sampled(210, "山梨酸及其钾盐", "净含量")
    yield failed
    yield scene.recalled(150, "山梨酸及其钾盐超标", failed.record["product"]["batch"])
    yield scene.penalised(120, offences.FAILED_FOOD, 86_000, "罚款", "没收违法所得")


def _revoked_licence(scene: Scene) -> Iterator[Statement]:
    yield scene.registered()
    yield from (scene.sampled(days, "防触电保护", "接地措施") for days in (900, 700, 480))
    yield scene.penalised(600, offences.UNSAFE_GOODS, 150_000, "罚款", "责令停产停业")
    yield scene.penalised(260, offences.UNSAFE_GOODS, 320_000, "罚款", "吊销许可证件")


def _recovered(scene: Scene) -> Iterator[Statement]:
    yield scene.registered()
    yield scene.sampled(2100, "甲醛释放量")
    yield scene.penalised(2000, offences.FAILED_GOODS, 60_000)
    yield scene.penalised(1700, offences.FAILED_GOODS, 30_000)
    yield from (scene.sampled(days) for days in (1500, 1200, 900, 600, 300, 90))


def _denied_sample(scene: Scene) -> Iterator[Statement]:
    yield scene.registered()
    yield from (scene.sampled(days) for days in (1400, 800))
    yield scene.sampled(60, "纤维含量", confirmed=False)


def _confirmed_later(scene: Scene) -> Iterator[Statement]:
    yield scene.registered()
    yield from (scene.sampled(days) for days in (1300, 700))
    held = scene.sampled(150, "铅溶出量", confirmed=False)
    yield held
    yield statements.confirm(held, scene.ago(80))


def _corrected(scene: Scene) -> Iterator[Statement]:
    yield scene.registered()
    yield scene.sampled(1000)
    penalty = scene.penalised(400, offences.FAILED_GOODS, 80_000)
    yield penalty
    yield statements.correct(penalty, scene.ago(370), fine_amount="8000.00", content="罚款人民币8000元。")


def _withdrawn(scene: Scene) -> Iterator[Statement]:
    yield scene.registered()
    yield from (scene.sampled(days) for days in (1500, 500))
    penalty = scene.penalised(300, offences.FAILED_FOOD, 120_000, "罚款", "责令停产停业")
    yield penalty
    yield statements.withdraw(penalty, scene.ago(100), "unlawful")


def _renamed(scene: Scene) -> Iterator[Statement]:
    before = scene.registered(name="常德演示津河布厂")
    yield before
    yield from (scene.sampled(days) for days in (1700, 1100))
    yield statements.rename(before, scene.ago(650), scene.firm.name)
    yield scene.sampled(240)
    yield statements.by_name(scene.penalised(90, offences.FAILED_GOODS, 20_000), "常德演示津河布厂")


def _refuser(scene: Scene) -> Iterator[Statement]:
    yield scene.registered()
    yield scene.sampled(500, refused=True)
    yield scene.penalised(440, offences.REFUSAL, 20_000, "警告", "罚款")
    yield scene.sampled(200, "过充电保护")


def _unrated(scene: Scene) -> Iterator[Statement]:
    yield scene.registered()


def _model(scene: Scene) -> Iterator[Statement]:
    yield scene.registered()
    yield from (scene.sampled(days) for days in range(1950, 50, -210))
    yield scene.honoured(1500, "湖南名牌产品（演示）")
    yield scene.honoured(400, "湖南名牌产品（演示）")


@dataclass(frozen=True, slots=True)
class Story:
    """A firm (region, class, place of its product in the class, name) and what happened to it."""

    region: str
    kind: str
    product: int
    name: str
    tell: Callable[[Scene], Iterator[Statement]]
    zh: str
    en: str


STORIES: Final = (
    Story(
        "430102", "food", 0, "长沙演示湘江红辣业食品有限公司", _fallen_winner,
        "省长质量奖得主，其后两次抽查不合格、责令召回并受处罚；产品档案可对照企业声明与抽查结果",
        "Won the governor's quality award, then failed two checks, had to recall a batch and was penalised; its product file sets what it declared beside what was found",
    ),
    Story(
        "430211", "appliance_electronics", 1, "株洲演示暖炉坊电器制造有限公司", _revoked_licence,
        "三次抽查不合格，停产后仍不改正，被吊销许可证", "Failed three checks, did not mend after a suspension: licence revoked",
    ),
    Story(
        "430922", "furniture_decoration", 4, "桃江县演示竹海人家竹业有限公司", _recovered,
        "约五年前两次受罚，此后抽查全部合格，旧处罚逐年衰减", "Two old penalties fade away behind six passed checks",
    ),
    Story(
        "430405", "apparel_textile", 0, "衡阳演示雁城衣坊服饰有限公司", _denied_sample,
        "一批不合格样品的生产者尚未确认，该记录待确认、不计入等级", "A failed sample whose producer is not confirmed: held, and the grade does not feel it",
    ),
    Story(
        "430281", "household_goods", 4, "醴陵演示釉下彩陶瓷有限公司", _confirmed_later,
        "不合格记录先待确认，生产者确认后才进入档案", "A failure was held, then entered the file when its producer was confirmed",
    ),
    Story(
        "430582", "household_goods", 0, "邵东演示红星打火机制造有限公司", _corrected,
        "处罚机关更正罚款金额：80000元误报，应为8000元", "The authority corrected its statement: the fine was 8,000 yuan, not 80,000",
    ),
    Story(
        "430681", "food", 2, "汨罗演示粽子乡粮食制品有限公司", _withdrawn,
        "责令停产的处罚经复议确认违法而撤回，档案保留痕迹、等级恢复", "A suspension was found unlawful on review and withdrawn; the file keeps the trace, the grade recovers",
    ),
    Story(
        "430781", "apparel_textile", 6, "常德演示津河纺织有限公司", _renamed,
        "企业更名，曾用名仍可检索；一条只写曾用名、没有代码的处罚在待定条目中等待认定",
        "Changed its name; a penalty that bears its former name and no code waits among the held items",
    ),
    Story(
        "431002", "appliance_electronics", 4, "郴州演示矿灯电子科技有限公司", _refuser,
        "拒绝监督抽查受处罚，再次抽查不合格", "Refused an inspection, was penalised, then failed the next check",
    ),
    Story(
        "433123", "food", 5, "凤凰县演示沱江腊肉制品有限公司", _unrated,
        "只有登记信息，证据不足，不予评级", "Only registered: too little evidence for a grade",
    ),
    Story(
        "431382", "furniture_decoration", 0, "涟源演示百年木语家具有限公司", _model,
        "六年十次抽查全部合格，两获名牌", "Ten passed checks in six years and two awards",
    ),
)  # fmt: skip


def story_firms(on: date) -> list[Firm]:
    """The firms of the stories, in order, with codes KXD90001…"""
    firms = []
    for number, story in enumerate(STORIES, start=1):
        kind = CLASSES[story.kind]
        firms.append(
            Firm(
                uscc=uscc.make("91" + story.region, f"KXD9{number:04d}"),
                name=story.name,
                stem=story.name.partition("演示")[2][:2],
                region=story.region,
                kind=kind,
                product=kind.products[story.product],
                temper="fair",
                registered_on=on - SPAN - timedelta(days=900 + 37 * number),
                capital=500,
                address=f"{regions.name_of(story.region)}演示路{number}号",
            )
        )
    return firms


def tell_stories(on: date) -> Iterator[Statement]:
    """What agencies stated on the firms of the stories up to that day."""
    for story, firm in zip(STORIES, story_firms(on), strict=True):
        yield from story.tell(Scene(firm, on))
