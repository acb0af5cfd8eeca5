"""Declared standard (企业标准自我声明公开): which standards a firm says that it works by, with its key indicators."""

from typing import Final

from services.kernel.kinds.kind import Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

STANDARD_DECLARATION: Final = Kind(
    code="standard_declaration",
    label=Text("标准自我声明", "Declared standard"),
    assertion=Assertion.SELF_DECLARED,
    headers={"/occurred_on": ("声明日期", "自我声明公开日期", "公开时间"), "/product/name": ("执行该标准的产品", "产品名称")},
    members=(
        Member("standard_number", MemberType.TEXT, Text("标准编号", "Number of the standard"), ("执行标准编号",), required=True),
        Member("standard_name", MemberType.TEXT, Text("标准名称", "Name of the standard"), ("执行标准名称",), required=True, max_length=500),
        Member("standard_level", MemberType.CHOICE, Text("标准类型", "Whose standard it is"), ("标准级别", "标准类别"),
            choices={"national": "国家标准", "industry": "行业标准", "local": "地方标准", "association": "团体标准", "enterprise": "企业标准"}),
        Member("indicators", MemberType.LIST, Text("关键指标", "Key indicators, each with its value"), ("主要指标", "核心指标"), max_length=500),
        Member("stricter", MemberType.BOOLEAN, Text("是否高于国家标准", "Whether it asks for more than the national one"),
            ("指标是否高于国家标准或行业标准",)),
        Member("implemented_on", MemberType.DATE, Text("标准实施日期", "Used since"), ("实施日期",)),
        Member("state", MemberType.CHOICE, Text("标准状态", "State"), choices={"in_force": "现行有效", "replaced": "被代替", "abolished": "废止"},
            synonyms={"有效": "in_force", "现行": "in_force"}),
        Member("url", MemberType.TEXT, Text("标准公开网址", "Where it can be read"), max_length=500),
    ),
)  # fmt: skip
