"""Administrative penalty (行政处罚), on both layouts of 双公示: field codes CF_* of 2019 and those of 2017."""

from typing import Final

from services.kernel.kinds.codes import code_list, synonyms_of
from services.kernel.kinds.kind import PERSONAL, RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

ADMINISTRATIVE_PENALTY: Final = Kind(
    code="administrative_penalty",
    label=Text("行政处罚", "Administrative penalty"),
    assertion=Assertion.DETERMINED,
    document_number_required=True,
    headers={
        "/document_number": ("行政处罚决定书文号", "处罚决定书文号", "CF_WSH"),
        "/occurred_on": ("处罚决定日期", "CF_JDRQ"),
        "/subject/name": ("行政相对人名称", "CF_XDR_MC"),
        "/subject/uscc": ("行政相对人代码_1(统一社会信用代码)", "行政相对人代码_1", "CF_XDR_SHXYM"),
        "/subject/registration_number": (
            "行政相对人代码_2(工商注册号)", "行政相对人代码_2", "CF_XDR_GSZC", "行政相对人代码_3(工商登记码)", "CF_XDR_GSDJ",
        ),
        "/subject/organisation_code": (
            "行政相对人代码_3(组织机构代码)", "CF_XDR_ZZJG", "行政相对人代码_2(组织机构代码)", "CF_XDR_ZDM",
        ),
        "/authority/name": ("处罚机关", "CF_CFJG", "CF_XZJG"),
        "/authority/uscc": ("处罚机关统一社会信用代码", "CF_CFJGDM"),
        "/effect": ("当前状态", "CF_ZT"),
        "/region": ("地方编码", "DFBM"),
    },
    synonyms={"/effect": synonyms_of("decision_status")},
    members=(
        Member("violation", MemberType.TEXT, Text("违法行为类型", "Violation"), ("CF_WFXW", "处罚名称", "CF_CFMC"),
            required=True, max_length=2000),
        Member("facts", MemberType.TEXT, Text("违法事实", "Facts of the case"), ("CF_SY", "处罚事由"), max_length=5000),
        Member("basis", MemberType.TEXT, Text("处罚依据", "Legal basis"), ("CF_YJ",), required=True, max_length=2000),
        Member("penalty_types", MemberType.LIST, Text("处罚类别", "Types of penalty"),
            ("CF_CFLB", "处罚类别1", "CF_CFLB1", "处罚类别2", "CF_CFLB2"),
            required=True, choices=code_list("penalty_types"), synonyms=synonyms_of("penalty_types")),
        Member("fine_amount", MemberType.MONEY, Text("罚款金额（元）", "Fine in yuan"),
            ("罚款金额", "罚款金额(万元)", "CF_NR_FK(万元)")),
        Member("confiscated_amount", MemberType.MONEY, Text("没收违法所得、没收非法财物金额（元）", "Confiscated, in yuan"),
            ("没收违法所得、没收非法财物金额", "没收违法所得、没收非法财物金额(万元)", "没收违法所得、没收非法财物的金额(万元)",
             "CF_NR_WFFF(万元)")),
        Member("licence_withheld", MemberType.TEXT, Text("暂扣或吊销证照名称及编号", "Licence withheld or revoked"), ("CF_NR_ZKDX",)),
        Member("content", MemberType.TEXT, Text("处罚内容", "Content of the penalty"), ("CF_NR", "处罚结果", "CF_JG"),
            required=True, max_length=4000),
        Member("in_force_until", MemberType.DATE, Text("处罚有效期", "Penalty in force until"), ("CF_YXQ",)),
        Member("public_until", MemberType.DATE, Text("公示截止期", "Public until"), ("公示期限", "CF_GSJZQ")),
        Member("case_name", MemberType.TEXT, Text("案件名称", "Name of the case"), max_length=500),
        Member("counterpart_type", MemberType.CHOICE, Text("行政相对人类别", "Type of the party"), ("CF_XDR_LB",),
            choices=code_list("counterpart_types"), synonyms=synonyms_of("counterpart_types")),
        Member("legal_representative", MemberType.TEXT, Text("法定代表人", "Legal representative"), ("法定代表人姓名", "CF_FRDB", "CF_FR"),
            group=PERSONAL, mask="name"),
        Member("legal_representative_id_type", MemberType.CHOICE, Text("法定代表人证件类型", "Type of the representative's document"),
            ("CF_FR_ZJLX",), choices=code_list("identity_documents"), synonyms=synonyms_of("identity_documents"), group=RESTRICTED),
        Member("legal_representative_id_number", MemberType.TEXT, Text("法定代表人证件号码", "Number of the representative's document"),
            ("CF_FR_ZJHM", "CF_FR_SFZH", "法定代表人身份证号"), group=PERSONAL, mask="number"),
        Member("person_id_type", MemberType.CHOICE, Text("自然人证件类型", "Type of the person's document"), ("CF_XDR_ZJLX",),
            choices=code_list("identity_documents"), synonyms=synonyms_of("identity_documents"), group=RESTRICTED),
        Member("person_id_number", MemberType.TEXT, Text("自然人证件号码", "Number of the person's document"),
            ("CF_XDR_ZJHM", "行政相对人代码_5(居民身份证号)", "CF_XDR_SFZ"), group=PERSONAL, mask="number"),
        Member("tax_number", MemberType.TEXT, Text("行政相对人代码_4(税务登记号)", "Tax registration number"),
            ("税务登记号", "CF_XDR_SWDJ"), group=RESTRICTED),
        Member("institution_number", MemberType.TEXT, Text("行政相对人代码_5(事业单位证书号)", "Number as public institution"),
            ("事业单位证书号", "CF_XDR_SYDW")),
        Member("social_organisation_number", MemberType.TEXT,
            Text("行政相对人代码_6(社会组织登记证号)", "Number as social organisation"), ("社会组织登记证号", "CF_XDR_SHZZ")),
        Member("source_name", MemberType.TEXT, Text("数据来源单位", "Source of the data"), ("CF_SJLY",)),
        Member("source_uscc", MemberType.TEXT, Text("数据来源单位统一社会信用代码", "Code of the source of the data"), ("CF_SJLYDM",)),
        Member("remarks", MemberType.TEXT, Text("备注", "Remarks"), ("BZ",), max_length=2000, group=RESTRICTED),
    ),
)  # fmt: skip
