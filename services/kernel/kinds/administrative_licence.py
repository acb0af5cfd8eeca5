"""Administrative licence (行政许可), on both layouts of 双公示: field codes XK_* of 2019 and those of 2017."""

from typing import Final

from services.kernel.kinds.codes import code_list, synonyms_of
from services.kernel.kinds.kind import PERSONAL, RESTRICTED, Assertion, Kind, Member, MemberType
from services.kernel.texts import Text

ADMINISTRATIVE_LICENCE: Final = Kind(
    code="administrative_licence",
    label=Text("行政许可", "Administrative licence"),
    assertion=Assertion.DETERMINED,
    document_number_required=True,
    headers={
        "/document_number": ("行政许可决定文书号", "许可决定文书号", "行政许可决定书文号", "XK_WSH"),
        "/occurred_on": ("许可决定日期", "XK_JDRQ"),
        "/valid_until": ("有效期至", "许可截止期", "XK_YXQZI", "XK_JZQ"),
        "/subject/name": ("行政相对人名称", "XK_XDR_MC", "XK_XDR"),
        "/subject/uscc": ("行政相对人代码_1(统一社会信用代码)", "行政相对人代码_1", "XK_XDR_SHXYM"),
        "/subject/registration_number": (
            "行政相对人代码_2(工商注册号)", "行政相对人代码_2", "XK_XDR_GSZC", "行政相对人代码_3(工商登记码)", "XK_XDR_GSDJ",
        ),
        "/subject/organisation_code": (
            "行政相对人代码_3(组织机构代码)", "XK_XDR_ZZJG", "行政相对人代码_2(组织机构代码)", "XK_XDR_ZDM",
        ),
        "/authority/name": ("许可机关", "XK_XKJG", "XK_XZJG"),
        "/authority/uscc": ("许可机关统一社会信用代码", "XK_XKJGDM"),
        "/effect": ("当前状态", "XK_ZT"),
        "/region": ("地方编码", "DFBM"),
    },
    synonyms={"/effect": synonyms_of("decision_status")},
    members=(
        Member("document_name", MemberType.TEXT, Text("行政许可决定文书名称", "Name of the decision"),
            ("许可决定文书名称", "XK_XKWS", "项目名称", "XK_XMMC"), max_length=500),
        Member("licence_type", MemberType.CHOICE, Text("许可类别", "Type of licence"), ("XK_XKLB", "审批类别", "XK_SPLB"),
            required=True, choices=code_list("licence_types"), synonyms=synonyms_of("licence_types")),
        Member("certificate_name", MemberType.TEXT, Text("许可证书名称", "Name of the certificate"), ("XK_XKZS",)),
        Member("certificate_number", MemberType.TEXT, Text("许可编号", "Number of the certificate"), ("XK_XKBH",)),
        Member("content", MemberType.TEXT, Text("许可内容", "What is allowed"), ("XK_NR",), required=True, max_length=4000),
        Member("valid_from", MemberType.DATE, Text("有效期自", "Valid from"), ("XK_YXQZ",)),
        Member("counterpart_type", MemberType.CHOICE, Text("行政相对人类别", "Type of the party"), ("XK_XDR_LB",),
            choices=code_list("counterpart_types"), synonyms=synonyms_of("counterpart_types")),
        Member("legal_representative", MemberType.TEXT, Text("法定代表人", "Legal representative"), ("法定代表人姓名", "XK_FRDB", "XK_FR"),
            group=PERSONAL, mask="name"),
        Member("legal_representative_id_type", MemberType.CHOICE, Text("法定代表人证件类型", "Type of the representative's document"),
            ("XK_FR_ZJLX",), choices=code_list("identity_documents"), synonyms=synonyms_of("identity_documents"), group=RESTRICTED),
        Member("legal_representative_id_number", MemberType.TEXT, Text("法定代表人证件号码", "Number of the representative's document"),
            ("XK_FR_ZJHM", "法定代表人身份证号"), group=PERSONAL, mask="number"),
        Member("person_id_type", MemberType.CHOICE, Text("自然人证件类型", "Type of the person's document"), ("XK_XDR_ZJLX",),
            choices=code_list("identity_documents"), synonyms=synonyms_of("identity_documents"), group=RESTRICTED),
        Member("person_id_number", MemberType.TEXT, Text("自然人证件号码", "Number of the person's document"),
            ("XK_XDR_ZJHM", "行政相对人代码_5(居民身份证号)", "XK_XDR_SFZ"), group=PERSONAL, mask="number"),
        Member("tax_number", MemberType.TEXT, Text("行政相对人代码_4(税务登记号)", "Tax registration number"),
            ("税务登记号", "XK_XDR_SWDJ"), group=RESTRICTED),
        Member("institution_number", MemberType.TEXT, Text("行政相对人代码_5(事业单位证书号)", "Number as public institution"),
            ("事业单位证书号", "XK_XDR_SYDW")),
        Member("social_organisation_number", MemberType.TEXT,
            Text("行政相对人代码_6(社会组织登记证号)", "Number as social organisation"), ("社会组织登记证号", "XK_XDR_SHZZ")),
        Member("source_name", MemberType.TEXT, Text("数据来源单位", "Source of the data"), ("XK_LYDW",)),
        Member("source_uscc", MemberType.TEXT, Text("数据来源单位统一社会信用代码", "Code of the source of the data"), ("XK_LYDWDM",)),
        Member("remarks", MemberType.TEXT, Text("备注", "Remarks"), ("BZ",), max_length=2000, group=RESTRICTED),
    ),
)  # fmt: skip
