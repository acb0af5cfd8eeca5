"""Enterprise registration (企业登记信息): the register's statement that a firm exists, and under which name."""

from typing import Final

from services.kernel.kinds.codes import code_list, synonyms_of
from services.kernel.kinds.kind import Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

ENTERPRISE_REGISTRATION: Final = Kind(
    code="enterprise_registration",
    label=Text("企业登记", "Enterprise registration"),
    assertion=Assertion.DETERMINED,
    identifies=True,
    headers={"/occurred_on": ("注册日期", "成立日期", "登记日期", "核准日期")},
    members=(
        Member(
            "enterprise_type", MemberType.TEXT, Text("企业类型", "Type of enterprise"), ("企业类型", "类型")
        ),
        Member(
            "registered_capital",
            MemberType.TEXT,
            Text("注册资本", "Registered capital as registered, with its unit"),
            ("注册资金", "注册资本"),
        ),
        Member(
            "business_scope",
            MemberType.TEXT,
            Text("经营范围", "Business scope"),
            ("经营范围",),
            max_length=8000,
        ),
        Member(
            "address",
            MemberType.TEXT,
            Text("住所", "Registered address"),
            ("注册地址", "住所", "地址"),
            max_length=500,
        ),
        Member("province", MemberType.TEXT, Text("所在省份", "Province"), ("所在省份", "省份")),
        Member("city", MemberType.TEXT, Text("所在市州", "Prefecture"), ("地区", "所在城市", "城市", "市州")),
        Member("registered_on", MemberType.DATE, Text("设立日期", "Date of establishment")),
        Member(
            "industry_section",
            MemberType.CHOICE,
            Text("行业门类", "Section of industry (GB/T 4754)"),
            choices=code_list("industry_sections"),
        ),
        Member(
            "industry_division",
            MemberType.CHOICE,
            Text("行业大类", "Division of industry (GB/T 4754)"),
            choices=code_list("industry_divisions"),
            synonyms=synonyms_of("industry_divisions"),
        ),
        Member(
            "status", MemberType.TEXT, Text("登记状态", "Status in the register"), ("登记状态", "经营状态")
        ),
    ),
)
