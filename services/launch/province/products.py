"""What the province makes: the five product classes of the mandate (section 四), their products and their failings."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Product:
    """A product as notices name it, the word it lends to firms' names, and the items it fails."""

    name: str
    trade: str
    failings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductClass:
    """One of the five classes; `risk` scales the share of failures, in hundredths."""

    code: str
    name: str
    risk: int
    stems: tuple[str, ...]
    products: tuple[Product, ...]


_MICROBES: Final = ("菌落总数", "大肠菌群", "霉菌")
_ADDITIVES: Final = ("苯甲酸及其钠盐", "山梨酸及其钾盐", "甜蜜素", "防腐剂比例之和")
_OIL: Final = ("酸价", "过氧化值")
_WOOD: Final = ("甲醛释放量", "力学性能", "漆膜附着力")
_CLOTH: Final = ("纤维含量", "pH值", "甲醛含量", "耐摩擦色牢度", "使用说明")
_ELECTRIC: Final = ("防触电保护", "输入功率和电流", "接地措施", "骚扰电压", "标志和说明", "结构")

CLASSES: Final = {
    entry.code: entry
    for entry in (
        ProductClass(
            "food",
            "食品及食品相关产品",
            85,
            ("湘味", "辣妹", "洞庭", "稻香", "茶山", "鲜农", "谷满", "老坛", "山里", "禾园"),
            (
                Product("辣椒制品", "食品", (*_ADDITIVES, "净含量")),
                Product("酱腌菜", "调味食品", (*_ADDITIVES, "标签")),
                Product("米粉", "粮食制品", (*_MICROBES, "二氧化硫残留量")),
                Product("茶油", "油脂", (*_OIL, "苯并[a]芘")),
                Product("槟榔制品", "食品", ("糖精钠", *_MICROBES)),
                Product("腊肉", "肉制品", ("亚硝酸盐", *_OIL)),
                Product("豆制品", "豆制品", (*_MICROBES, "脱氢乙酸")),
                Product("糕点", "烘焙食品", (*_MICROBES, "铝的残留量")),
                Product("包装饮用水", "饮品", ("铜绿假单胞菌", "溴酸盐")),
                Product("黑茶", "茶业", ("水分", "农药残留")),
                Product("白酒", "酒业", ("酒精度", "甜蜜素", "氰化物")),
                Product("食品用塑料包装", "包装材料", ("脱色试验", "蒸发残渣")),
            ),
        ),
        ProductClass(
            "furniture_decoration",
            "家具及装饰装修材料",
            150,
            ("雅居", "竹源", "木语", "梦居", "筑家", "森泰", "锦宅", "良匠", "翠竹", "宜室"),
            (
                Product("木质家具", "家具", _WOOD),
                Product("弹簧软床垫", "床具", ("甲醛释放量", "面料物理性能", "铺垫料物理性能")),
                Product("人造板", "木业", ("甲醛释放量", "静曲强度", "内结合强度")),
                Product("内墙涂料", "涂料", ("挥发性有机化合物", "耐洗刷性", "对比率")),
                Product("竹地板", "竹业", ("表面耐磨", "含水率", "甲醛释放量")),
                Product("卫生陶瓷", "陶瓷洁具", ("吸水率", "用水量", "尺寸")),
                Product("整体橱柜", "家居", (*_WOOD, "台面燃烧性能")),
            ),
        ),
        ProductClass(
            "apparel_textile",
            "服装鞋帽及家用纺织品",
            105,
            ("云裳", "锦绣", "衣尚", "织梦", "霓裳", "雅棉", "潇湘", "丝语", "布衣", "童趣"),
            (
                Product("女装", "服饰", _CLOTH),
                Product("儿童服装", "服装", (*_CLOTH, "绳带要求")),
                Product("羊毛衫", "针织", _CLOTH),
                Product("床上用品", "家纺", _CLOTH),
                Product("校服", "制衣", _CLOTH),
                Product("皮鞋", "鞋业", ("耐磨性能", "勾心", "帮底剥离强度", "六价铬")),
                Product("毛巾", "纺织", ("吸水性", *_CLOTH)),
            ),
        ),
        ProductClass(
            "household_goods",
            "日用杂品",
            100,
            ("百家", "日日", "巧手", "瓷韵", "便民", "乐家", "洁雅", "五彩", "万户", "小蜜蜂"),
            (
                Product("打火机", "打火机制造", ("火焰高度", "耐跌落性", "耐温性")),
                Product("箱包", "箱包", ("缝合强度", "摩擦色牢度", "振荡冲击性能")),
                Product("纸巾纸", "纸品", ("细菌菌落总数", "横向吸液高度", "净含量")),
                Product("塑料日用品", "塑料制品", ("负重性能", "耐热性", "标签")),
                Product("陶瓷餐具", "陶瓷", ("铅溶出量", "镉溶出量", "吸水率")),
                Product("儿童玩具", "玩具", ("小零件", "增塑剂", "机械与物理性能")),
                Product("学生文具", "文化用品", ("可迁移元素", "苯含量", "亮度")),
                Product("日用小五金", "五金", ("镀层厚度", "硬度", "耐腐蚀性能")),
            ),
        ),
        ProductClass(
            "appliance_electronics",
            "家用电器及消费类电子产品",
            110,
            ("智联", "星电", "亮彩", "创电", "光启", "微芯", "暖阳", "声浪", "云电", "锐科"),
            (
                Product("储水式电热水器", "电器", (*_ELECTRIC, "能效等级")),
                Product("室内加热器", "电器制造", _ELECTRIC),
                Product("LED灯具", "照明", (*_ELECTRIC, "光通量")),
                Product("插头插座", "电工", ("拔出力", "温升", "防触电保护")),
                Product("移动电源", "电子科技", ("有效输出容量", "过充电保护", "标志和说明")),
                Product("豆浆机", "小家电", _ELECTRIC),
                Product("蓝牙音箱", "音响科技", ("骚扰电压", "辐射骚扰", "标志和说明")),
            ),
        ),
    )
}
"""By code, in the order of the mandate."""

MIX: Final[dict[str, tuple[int, int, int, int, int]]] = {
    "430100": (36, 16, 14, 12, 22),
    "430200": (18, 12, 42, 18, 10),
    "430300": (44, 14, 12, 14, 16),
    "430400": (36, 14, 16, 16, 18),
    "430500": (24, 14, 14, 38, 10),
    "430600": (48, 14, 14, 14, 10),
    "430700": (42, 14, 24, 12, 8),
    "430800": (50, 18, 10, 18, 4),
    "430900": (34, 34, 12, 10, 10),
    "431000": (30, 14, 10, 14, 32),
    "431100": (44, 14, 26, 10, 6),
    "431200": (44, 28, 10, 14, 4),
    "431300": (26, 30, 12, 20, 12),
    "433100": (54, 16, 12, 16, 2),
}
"""The share of the classes, in their order, among a prefecture's firms (invented, of plausible proportions)."""

SHARES: Final = {
    "430100": 220,
    "430200": 90,
    "430300": 65,
    "430400": 95,
    "430500": 90,
    "430600": 80,
    "430700": 80,
    "430800": 30,
    "430900": 60,
    "431000": 65,
    "431100": 60,
    "431200": 55,
    "431300": 50,
    "433100": 30,
}
"""The share of the prefectures among the firms."""
