"""Quality insurance (质量保险): product liability, warranty and recall insurance, as the insurer states it."""

from typing import Final

from services.kernel.kinds.kind import RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

QUALITY_INSURANCE: Final = Kind(
    code="quality_insurance",
    label=Text("质量保险", "Quality insurance"),
    assertion=Assertion.THIRD_PARTY,
    headers={
        "/source_record_id": ("投保记录编号",),
        "/subject/name": ("被保险人名称", "投保企业名称", "被保险人"),
        "/occurred_on": ("保险起期", "起保日期", "保险起始日期"),
        "/valid_until": ("保险止期", "保险终止日期"),
        "/product/name": ("承保产品", "产品名称"),
    },
    members=(
        Member("insurance_type", MemberType.CHOICE, Text("保险种类", "Type"), ("险种",), required=True,
            choices={"product_liability": "产品责任险", "product_quality": "产品质量保证保险", "recall": "产品召回险", "food_safety": "食品安全责任险",
                     "other": "其他"}),
        Member("insurer", MemberType.TEXT, Text("保险公司", "Insurer"), ("承保公司", "保险机构"), required=True),
        Member("policy_number", MemberType.TEXT, Text("保单号", "Number of the policy"), ("保险单号",), group=RESTRICTED),
        Member("insured_amount", MemberType.MONEY, Text("保险金额（元）", "Sum insured in yuan"), ("保险金额", "保额", "保险金额(万元)")),
        Member("premium", MemberType.MONEY, Text("保费（元）", "Premium in yuan"), ("保费", "保险费"), group=RESTRICTED),
        Member("claims", MemberType.INTEGER, Text("理赔次数", "Claims paid")),
        Member("paid_amount", MemberType.MONEY, Text("赔付金额（元）", "Paid, in yuan"), ("赔付金额", "已赔付金额"), group=RESTRICTED),
    ),
)  # fmt: skip
