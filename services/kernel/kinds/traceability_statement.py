"""Traceability statement (产品质量追溯声明): how a firm says that its products can be traced."""

from typing import Final

from services.kernel.kinds.kind import Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

TRACEABILITY_STATEMENT: Final = Kind(
    code="traceability_statement",
    label=Text("追溯声明", "Traceability statement"),
    assertion=Assertion.SELF_DECLARED,
    headers={"/source_record_id": ("追溯声明编号",), "/subject/name": ("声明企业名称",), "/occurred_on": ("声明日期", "追溯声明日期")},
    members=(
        Member("system_name", MemberType.TEXT, Text("追溯体系名称", "System"), ("追溯系统名称", "追溯平台名称"), required=True),
        Member("carrier", MemberType.CHOICE, Text("追溯标识方式", "How a product is marked"), ("追溯方式",),
            choices={"qr_code": "二维码", "bar_code": "条码", "rfid": "射频标签", "serial_number": "批次号或序列号", "other": "其他"},
            synonyms={"RFID": "rfid", "一物一码": "qr_code"}),
        Member("stages", MemberType.LIST, Text("追溯环节", "What part of the chain it covers"), ("追溯范围",),
            choices={"raw_material": "原料", "production": "生产", "storage": "仓储", "logistics": "物流", "sale": "销售", "use": "使用"}),
        Member("granularity", MemberType.CHOICE, Text("追溯精度", "How finely"), choices={"item": "单品", "batch": "批次"}),
        Member("content", MemberType.TEXT, Text("声明内容", "Content"), max_length=4000),
        Member("url", MemberType.TEXT, Text("追溯查询网址", "Where it can be queried"), ("查询网址",), max_length=500),
    ),
)  # fmt: skip
