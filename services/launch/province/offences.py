"""What firms are penalised for, by which department, and how hard.

Articles are numbered as in the laws of 2017 to 2021. They make the demo read well and are no rule: what a penalty
weighs is the rule book's business.
"""

from dataclasses import dataclass
from typing import Final

from services.launch.province.dice import Dice


@dataclass(frozen=True, slots=True)
class Offence:
    """A violation as decisions word it ({} stands for the product), its legal basis, and where it happens."""

    text: str
    basis: str
    stage: str = "production"

    def describe(self, product: str) -> str:
        """The violation with its product."""
        return self.text.format(product)


FAILED_GOODS: Final = Offence(
    "生产、销售不合格{}（以不合格产品冒充合格产品）", "《中华人民共和国产品质量法》第五十条"
)
UNSAFE_GOODS: Final = Offence(
    "生产不符合保障人体健康和人身、财产安全标准的{}", "《中华人民共和国产品质量法》第四十九条"
)
FAILED_FOOD: Final = Offence(
    "生产经营不符合食品安全标准的{}", "《中华人民共和国食品安全法》第一百二十四条第一款"
)
REFUSAL: Final = Offence("拒绝接受依法进行的{}质量监督检查", "《中华人民共和国产品质量法》第五十六条")

OFFENCES: Final[dict[str, tuple[Offence, ...]]] = {
    "industry_commerce": (
        Offence("发布虚假广告宣传{}", "《中华人民共和国广告法》第五十五条第一款", "circulation"),
        Offence(
            "对{}的性能作引人误解的商业宣传", "《中华人民共和国反不正当竞争法》第二十条第一款", "circulation"
        ),
        Offence("销售侵犯注册商标专用权的{}", "《中华人民共和国商标法》第六十条第二款", "circulation"),
        Offence("销售{}未按规定明码标价", "《中华人民共和国价格法》第四十二条", "circulation"),
        Offence(
            "对消费者就{}提出的退货要求故意拖延",
            "《中华人民共和国消费者权益保护法》第五十六条",
            "consumption",
        ),
    ),
    "quality_supervision": (
        FAILED_GOODS,
        UNSAFE_GOODS,
        Offence("{}产品标识不符合规定", "《中华人民共和国产品质量法》第五十四条"),
        Offence("伪造{}的产地、冒用他人厂名厂址", "《中华人民共和国产品质量法》第五十三条"),
        Offence(
            "未依照规定取得生产许可证擅自生产{}", "《中华人民共和国工业产品生产许可证管理条例》第四十五条"
        ),
        Offence("{}定量包装商品净含量不符合规定", "《定量包装商品计量监督管理办法》第十八条"),
    ),
    "food_drug": (
        FAILED_FOOD,
        Offence("生产经营标签、说明书不符合规定的{}", "《中华人民共和国食品安全法》第一百二十五条第一款"),
        Offence("未按规定建立并遵守{}进货查验记录制度", "《中华人民共和国食品安全法》第一百二十六条第一款"),
        Offence("未取得食品生产许可从事{}生产", "《中华人民共和国食品安全法》第一百二十二条第一款"),
        Offence("{}生产场所卫生条件不符合要求", "《中华人民共和国食品安全法》第一百二十六条第一款"),
    ),
}
"""By department."""

_TYPES: Final[dict[tuple[str, ...], int]] = {
    ("罚款",): 460,
    ("警告",): 200,
    ("罚款", "没收违法所得"): 170,
    ("罚款", "没收非法财物"): 75,
    ("警告", "罚款"): 40,
    ("没收违法所得",): 16,
    ("罚款", "责令停产停业"): 14,
    ("通报批评",): 8,
    ("罚款", "暂扣许可证件"): 7,
    ("罚款", "吊销许可证件"): 4,
    ("限制开展生产经营活动",): 3,
    ("限制从业",): 1,
    ("其他",): 2,
}
_FINES: Final[dict[tuple[int, int], int]] = {
    (10, 30): 30,
    (30, 100): 34,
    (100, 500): 26,
    (500, 2000): 8,
    (2000, 8000): 2,
}
"""Hundreds of yuan, from and to."""


def draw_types(dice: Dice) -> tuple[str, ...]:
    """The types of one penalty (行政处罚法 § 9), light ones most of the time."""
    return dice.weighted(_TYPES)


def draw_fine(dice: Dice, *, shop: bool) -> int:
    """A fine in yuan; an individually owned business pays from the two lowest bands."""
    low, high = dice.pick(((3, 20), (10, 50))) if shop else dice.weighted(_FINES)
    return dice.between(low, high) * 100
