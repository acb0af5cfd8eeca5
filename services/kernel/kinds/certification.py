"""Certification (认证) of products, services and management systems, with the state of the certificate."""

from typing import Final

from services.kernel.kinds.kind import Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

CERTIFICATION: Final = Kind(
    code="certification",
    label=Text("认证", "Certification"),
    assertion=Assertion.DETERMINED,
    headers={
        "/subject/name": ("获证组织名称", "获证组织", "获证企业名称", "持证人名称"),
        "/occurred_on": ("颁证日期", "发证日期"),
        "/valid_until": ("证书到期日期", "有效期至", "证书有效期"),
        "/product/name": ("获证产品名称", "产品名称"),
    },
    members=(
        Member("certificate_number", MemberType.TEXT, Text("证书编号", "Number of the certificate"), ("认证证书编号",), required=True),
        Member("category", MemberType.CHOICE, Text("认证类别", "Category"), ("认证领域",), required=True,
            choices={"compulsory": "强制性产品认证", "product": "自愿性产品认证", "management_system": "管理体系认证", "service": "服务认证",
                     "organic": "有机产品认证", "green": "绿色产品认证", "food_agriculture": "食品农产品认证"},
            synonyms={"CCC": "compulsory", "3C": "compulsory", "CCC认证": "compulsory", "产品认证": "product", "体系认证": "management_system",
                      "有机认证": "organic"}),
        Member("scheme", MemberType.TEXT, Text("认证项目", "Scheme"), ("认证制度",)),
        Member("standard", MemberType.TEXT, Text("认证依据标准", "Standard it rests on"), ("认证依据", "认证标准"), max_length=500),
        Member("scope", MemberType.TEXT, Text("认证范围", "Scope"), ("认证覆盖的业务范围",), max_length=2000),
        Member("body", MemberType.TEXT, Text("认证机构", "Certification body"), ("发证机构", "认证机构名称"), required=True),
        Member("status", MemberType.CHOICE, Text("证书状态", "State of the certificate"), required=True,
            choices={"valid": "有效", "suspended": "暂停", "revoked": "撤销", "cancelled": "注销", "expired": "过期失效"},
            synonyms={"过期": "expired", "到期": "expired"}),
        Member("status_since", MemberType.DATE, Text("状态变更日期", "In this state since")),
        Member("status_reason", MemberType.TEXT, Text("状态变更原因", "Why the state changed"), max_length=500),
    ),
)  # fmt: skip
