"""Recall (缺陷产品召回), on the form of a recall plan of 缺陷消费品召回: by the producer itself, or ordered."""

from typing import Final

from services.kernel.kinds.kind import PERSONAL, RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

RECALL: Final = Kind(
    code="recall",
    label=Text("召回", "Recall"),
    assertion=Assertion.DETERMINED,
    headers={
        "/subject/name": ("生产者名称", "生产者", "召回企业名称"),
        "/occurred_on": ("召回开始日期", "召回计划备案日期", "备案日期"),
        "/document_number": ("召回编号", "召回计划编号", "责令召回通知书文号"),
        "/product/model": ("型号/规格", "规格型号"),
        "/product/batch": ("生产批号/批次", "批次"),
        "/published_on": ("公告日期",),
    },
    members=(
        Member("initiation", MemberType.CHOICE, Text("召回方式", "How it came about"), ("召回类型", "召回性质"), required=True,
            choices={"voluntary": "主动召回", "influenced": "受调查影响召回", "ordered": "责令召回"}, synonyms={"主动": "voluntary", "责令": "ordered"}),
        Member("defect", MemberType.TEXT, Text("缺陷描述", "Defect"), ("缺陷情形", "缺陷情况"), required=True, max_length=4000),
        Member("consequence", MemberType.TEXT, Text("可能后果", "What it may lead to"), ("可能造成的后果",), max_length=2000),
        Member("measures", MemberType.TEXT, Text("补救措施", "Remedy"), ("召回措施",), max_length=4000),
        Member("recalled_quantity", MemberType.INTEGER, Text("召回数量", "How many are recalled"), ("涉及数量",)),
        Member("produced_quantity", MemberType.INTEGER, Text("生产数量", "How many were made")),
        Member("completed_quantity", MemberType.INTEGER, Text("完成召回数量", "How many came back"), ("实际召回数量",)),
        Member("produced_from", MemberType.DATE, Text("生产起始日期", "Made from"), ("生产日期起",)),
        Member("produced_until", MemberType.DATE, Text("生产终止日期", "Made until"), ("生产日期止",)),
        Member("origin", MemberType.CHOICE, Text("产品类型", "Origin of the product"),
            choices={"imported": "进口", "own": "自主", "joint_venture": "合资", "cooperation": "合作", "foreign": "外资", "other": "其他"}),
        Member("sales_channels", MemberType.TEXT, Text("销售渠道", "How it was sold"), max_length=1000, group=RESTRICTED),
        Member("sales_regions", MemberType.TEXT, Text("销售地区", "Where it was sold"), max_length=1000),
        Member("accidents", MemberType.TEXT, Text("投诉事故案例", "Complaints and accidents behind it"), max_length=2000, group=RESTRICTED),
        Member("progress", MemberType.CHOICE, Text("召回状态", "Progress"), ("召回进展",),
            choices={"planned": "已备案", "under_way": "实施中", "completed": "已完成", "ended": "已终止"}),
        Member("contact", MemberType.TEXT, Text("召回负责人", "Person in charge"), ("联系人",), group=PERSONAL, mask="name"),
        Member("contact_phone", MemberType.TEXT, Text("召回负责人电话", "Telephone of the person in charge"), ("联系电话", "手机"),
            group=PERSONAL, mask="number"),
        Member("website", MemberType.TEXT, Text("网址", "Web site")),
        Member("producer_address", MemberType.TEXT, Text("生产者地址", "Address of the producer"), max_length=500),
    ),
)  # fmt: skip
