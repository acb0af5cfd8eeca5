"""Sheets as departments keep them: official columns, cells as people write them, and what they mean.

One for each kind, and one for the layout of 2017 where there is such. `details` is what stands in the file afterwards,
`letter` the grade that the record makes alone; `unrated` where it may not score.
"""

from dataclasses import dataclass, field

from tests.filing import code_of

OWN = code_of(1)


@dataclass(frozen=True)
class Sheet:
    """A table of one row."""

    name: str
    kind: str
    cells: dict[str, str]
    details: dict[str, object]
    letter: str = "unrated"
    record: dict[str, object] = field(default_factory=dict)


def firm(name="企业名称", code="统一社会信用代码"):
    return {name: "演示第1号制造有限公司", code: OWN}


SHEETS = (
    Sheet(
        "enterprise_registration", "enterprise_registration",
        firm() | {"注册日期": "2015年3月2日", "企业类型": "有限责任公司", "注册资金": "500万元人民币", "法人代表": "张三",
                  "行业门类": "制造业", "行业大类": "C14"},
        {"enterprise_type": "有限责任公司", "registered_capital": "500万元人民币", "industry_section": "C", "industry_division": "14"},
        record={"source_record_id": OWN, "region": "430100"},
    ),
    Sheet(
        "administrative_penalty of 2019", "administrative_penalty",
        firm("行政相对人名称", "行政相对人代码_1(统一社会信用代码)") | {
            "信息编号": "cf-19", "法定代表人": "张三丰", "法定代表人证件类型": "身份证", "法定代表人证件号码": "430102198001011234",
            "行政相对人类别": "法人及非法人组织", "行政相对人代码_4(税务登记号)": "430100123456789",
            "行政处罚决定书文号": "演示市监罚〔2026〕1号", "违法行为类型": "生产不合格产品", "违法事实": "该批次产品甲醛超标。",
            "处罚依据": "《产品质量法》第四十九条", "处罚类别": "罚款；没收违法所得", "处罚内容": "罚款六万元，没收违法所得一万元",
            "罚款金额(万元)": "6.000000", "没收违法所得、没收非法财物金额(万元)": "1.000000", "处罚决定日期": "2026/09/02",
            "处罚有效期": "2099/12/31", "公示截止期": "2027/09/02", "处罚机关": "演示市监局", "处罚机关统一社会信用代码": "",
            "数据来源单位": "演示信用中心", "备注": "/"},
        {"legal_representative": "张**", "legal_representative_id_type": "identity_card",
         "legal_representative_id_number": "4301**********1234", "counterpart_type": "legal_person", "tax_number": "430100123456789", "violation": "生产不合格产品", "facts": "该批次产品甲醛超标。",
         "basis": "《产品质量法》第四十九条", "penalty_types": ["罚款", "没收违法所得"], "content": "罚款六万元，没收违法所得一万元",
         "fine_amount": "60000", "confiscated_amount": "10000", "in_force_until": "2099-12-31", "public_until": "2027-09-02",
         "source_name": "演示信用中心"},
        letter="B", record={"occurred_on": "2026-09-02", "document_number": "演示市监罚〔2026〕1号"},
    ),
    Sheet(
        "administrative_penalty of 2017", "administrative_penalty",
        firm("CF_XDR_MC", "CF_XDR_SHXYM") | {
            "信息编号": "cf-17", "CF_WSH": "演示质监罚字[2026]7号", "CF_CFMC": "销售不合格产品案", "CF_CFLB1": "罚款",
            "CF_CFLB2": "吊销许可证、执照", "CF_SY": "抽查不合格", "CF_YJ": "《产品质量法》第四十九条", "CF_XDR_GSDJ": "430100000012345", "CF_FR": "张三",
            "CF_JG": "罚款并吊销", "CF_JDRQ": "2026-09-02", "CF_XZJG": "演示质监局", "CF_ZT": "0", "DFBM": "430100"},
        {"violation": "销售不合格产品案", "legal_representative": "张*", "penalty_types": ["罚款", "吊销许可证、执照"], "facts": "抽查不合格",
         "basis": "《产品质量法》第四十九条", "content": "罚款并吊销"},
        letter="C", record={"effect": "final", "region": "430100"},
    ),
    Sheet(
        "administrative_penalty of 2017 that was revoked", "administrative_penalty",
        firm("CF_XDR_MC", "CF_XDR_SHXYM") | {
            "信息编号": "cf-18", "CF_WSH": "演示质监罚字[2026]8号", "CF_CFMC": "销售不合格产品案", "CF_CFLB1": "责令关闭",
            "CF_YJ": "《产品质量法》第四十九条", "CF_JG": "责令关闭", "CF_JDRQ": "2026-09-02", "CF_ZT": "撤销"},
        {"violation": "销售不合格产品案", "penalty_types": ["责令关闭"], "basis": "《产品质量法》第四十九条", "content": "责令关闭"},
        record={"effect": "revoked"},
    ),
    Sheet(
        "administrative_licence of 2019", "administrative_licence",
        firm("行政相对人名称", "行政相对人代码_1") | {
            "信息编号": "xk-19", "行政许可决定文书名称": "准予行政许可决定书", "行政许可决定文书号": "演示许准〔2026〕3号", "许可类别": "普通",
            "许可证书名称": "食品生产许可证", "许可编号": "SC10143010000000", "许可内容": "调味品", "许可决定日期": "2026-03-02",
            "有效期自": "2026-03-02", "有效期至": "2031-03-01", "许可机关": "演示食药监局"},
        {"document_name": "准予行政许可决定书", "licence_type": "ordinary", "certificate_name": "食品生产许可证",
         "certificate_number": "SC10143010000000", "content": "调味品", "valid_from": "2026-03-02"},
        record={"valid_until": "2031-03-01", "document_number": "演示许准〔2026〕3号"},
    ),
    Sheet(
        "administrative_licence of 2017", "administrative_licence",
        firm("XK_XDR", "XK_XDR_SHXYM") | {
            "信息编号": "xk-17", "XK_WSH": "演示许准[2026]4号", "XK_XMMC": "工业产品生产许可", "XK_SPLB": "04", "XK_NR": "电线电缆",
            "XK_JDRQ": "2026/3/2", "XK_JZQ": "2099/12/31", "XK_XZJG": "演示质监局", "XK_ZT": "0", "DFBM": "430100"},
        {"document_name": "工业产品生产许可", "licence_type": "approval", "content": "电线电缆"},
        record={"valid_until": "2099-12-31", "effect": "final"},
    ),
    Sheet(
        "spot_check that passed", "spot_check",
        firm("标称生产企业名称") | {
            "记录编号": "cc-1", "样品名称": "木家具", "规格型号": "1200mm", "商标": "/", "生产日期": "见外包装（2026年5月）", "批号": "20260501",
            "检验结果": "合格", "抽查类别": "市抽", "抽样性质": "监督抽查", "抽样日期": "2026-06-01", "承检机构": "演示检验院",
            "受检单位": "演示商场；演示网店", "公告号": "演示公告〔2026〕27号"},
        {"result": "pass", "level": "municipal", "sampling": "supervision", "production_date": "见外包装（2026年5月）", "laboratory": "演示检验院",
         "sampled_at": "演示商场；演示网店", "announcement": "演示公告〔2026〕27号"},
        letter="A", record={"product": {"name": "木家具", "class": None, "brand": None, "model": "1200mm", "batch": "20260501"}},
    ),
    Sheet(
        "spot_check to watch a risk", "spot_check",
        firm("标称生产企业名称") | {
            "记录编号": "cc-2", "样品名称": "饮用水", "不合格项目": "菌落总数；大肠菌群", "检验结果(实测值)": "3.7×10^4；/", "标准值": "≤100；不得检出",
            "检验结论": "未检出不合格", "抽查级别": "省抽", "抽样性质": "风险监测", "抽样日期": "2026-06-01"},
        {"result": "pass", "level": "provincial", "sampling": "risk_monitoring", "failed_items": ["菌落总数", "大肠菌群"],
         "measured_values": ["3.7×10^4", "/"], "required_values": ["≤100", "不得检出"]},
    ),
    Sheet(
        "recall", "recall",
        firm("生产者名称") | {
            "信息编号": "zh-1", "召回编号": "演示召〔2026〕1号", "召回方式": "责令召回", "产品名称": "电暖器", "型号/规格": "NQ-1", "生产批号/批次": "A1",
            "生产起始日期": "2025-01-01", "生产终止日期": "2025-06-30", "生产数量": "12,000", "召回数量": "11,500", "产品类型": "自主",
            "缺陷描述": "接地不良", "可能后果": "触电", "补救措施": "退货", "召回开始日期": "2026-05-01"},
        {"initiation": "ordered", "defect": "接地不良", "consequence": "触电", "measures": "退货", "recalled_quantity": 11500,
         "produced_quantity": 12000, "produced_from": "2025-01-01", "produced_until": "2025-06-30", "origin": "own"},
        letter="B",
    ),
    Sheet(
        "complaint", "complaint",
        firm("被投诉企业名称") | {
            "投诉编号": "ts-1", "投诉渠道": "12315平台", "投诉问题类别": "质量", "投诉人": "李四", "联系电话": "13800005678", "投诉内容": "沙发有异味", "争议金额": "3,200元",
            "投诉日期": "2026-07-01", "受理日期": "2026-07-03", "办结日期": "2026-07-20", "办理结果": "调解成功"},
        {"channel": "12315", "issue": "质量", "complainant": "李*", "complainant_phone": "138****5678", "content": "沙发有异味", "amount": "3200", "accepted_on": "2026-07-03", "closed_on": "2026-07-20",
         "outcome": "settled"},
        record={"assertion": "third_party", "source_record_id": "ts-1"},
    ),
    Sheet(
        "violation_report", "violation_report",
        firm("被举报企业名称") | {
            "举报编号": "jb-1", "举报渠道": "12345热线", "涉嫌违法行为": "生产假冒产品", "举报内容": "夜间生产", "举报人": "王五", "是否匿名": "是", "举报日期": "2026-07-01",
            "核查结果": "不属实"},
        {"channel": "12345", "suspected_violation": "生产假冒产品", "content": "夜间生产", "reporter": "***", "anonymous": True, "outcome": "unfounded"},
        record={"assertion": "third_party"},
    ),
    Sheet(
        "quality_accident", "quality_accident",
        firm("事故企业名称") | {
            "事故编号": "sg-1", "事故等级": "一般", "事故经过": "电暖器起火", "死亡人数": "0", "受伤人数": "1", "直接经济损失(万元)": "3.5",
            "责任认定": "负有责任", "事故发生日期": "2026-02-01"},
        {"severity": "general", "description": "电暖器起火", "deaths": 0, "injured": 1, "loss": "35000", "finding": "responsible"},
    ),
    Sheet(
        "certification", "certification",
        firm("获证组织名称") | {
            "信息编号": "rz-1", "证书编号": "00126Q30001R0M", "认证类别": "体系认证", "认证项目": "质量管理体系认证", "认证依据标准": "GB/T 19001-2016",
            "认证机构": "演示认证中心", "颁证日期": "2026-01-05", "证书到期日期": "2029-01-04", "证书状态": "有效"},
        {"certificate_number": "00126Q30001R0M", "category": "management_system", "scheme": "质量管理体系认证", "standard": "GB/T 19001-2016",
         "body": "演示认证中心", "status": "valid"},
        record={"valid_until": "2029-01-04"},
        letter="A",
    ),
    Sheet(
        "standard_declaration", "standard_declaration",
        firm() | {
            "信息编号": "bz-1", "标准编号": "Q/YS 001-2026", "标准名称": "演示家具", "标准类型": "企业标准", "关键指标": "甲醛释放量≤0.05mg/m³；耐磨≥500次",
            "是否高于国家标准": "是", "声明日期": "2026-04-01"},
        {"standard_number": "Q/YS 001-2026", "standard_name": "演示家具", "standard_level": "enterprise",
         "indicators": ["甲醛释放量≤0.05mg/m³", "耐磨≥500次"], "stricter": True},
        record={"assertion": "self_declared"},
    ),
    Sheet(
        "standard_forerunner", "standard_forerunner",
        firm() | {
            "信息编号": "lp-1", "领跑者名单": "木家具", "年度": "2026", "标准编号": "Q/YS 001-2026", "排名": "3", "评估机构": "演示评估院",
            "领跑者发布日期": "2026-08-01"},
        {"list_name": "木家具", "year": 2026, "standard_number": "Q/YS 001-2026", "rank": 3, "assessor": "演示评估院"},
        letter="A",
    ),
    Sheet(
        "quality_award", "quality_award",
        firm() | {
            "信息编号": "jl-1", "荣誉名称": "演示省长质量奖", "荣誉级别": "省级", "荣誉类别": "政府质量奖", "授奖文号": "演示奖〔2026〕1号",
            "授予日期": "2026-01-10", "有效期至": "2031-01-09", "颁发机关": "演示省政府"},
        {"name": "演示省长质量奖", "level": "provincial", "category": "government_award"},
        letter="A", record={"valid_until": "2031-01-09"},
    ),
    Sheet(
        "quality_commitment", "quality_commitment",
        firm("承诺主体名称") | {
            "信息编号": "cn-1", "承诺内容": "三年保修", "承诺类型": "售后服务承诺", "承诺履行状态": "已履行", "承诺日期": "2026-03-15"},
        {"content": "三年保修", "category": "service", "fulfilment": "kept"},
        record={"assertion": "self_declared"},
    ),
    Sheet(
        "quality_commitment, as an authority found it", "quality_commitment",
        firm("承诺主体名称") | {
            "信息编号": "cn-2", "陈述性质": "依法认定", "履约认定文号": "演示履〔2026〕1号", "承诺内容": "三年保修", "履约状态": "违约",
            "承诺日期": "2026-09-15", "履约认定日期": "2026-10-01"},
        {"content": "三年保修", "fulfilment": "broken", "assessed_on": "2026-10-01"},
        letter="B", record={"assertion": "determined"},
    ),
    Sheet(
        "self_disclosure", "self_disclosure",
        firm("披露企业名称") | {
            "信息编号": "pl-1", "披露类别": "检验检测结果", "披露内容": "全年送检合格", "披露期间起": "2025-01-01", "披露期间止": "2025-12-31",
            "披露日期": "2026-02-01"},
        {"topic": "inspection", "content": "全年送检合格", "period_from": "2025-01-01", "period_until": "2025-12-31"},
        record={"assertion": "self_declared"},
    ),
    Sheet(
        "quality_credit_report", "quality_credit_report",
        firm("报告企业名称") | {
            "信息编号": "bg-1", "报告年度": "2025", "编制说明": "覆盖全公司", "高层致辞": "质量第一", "企业质量诚信管理": "公开承诺", "报告结语": "谢谢",
            "报告发布日期": "2026-03-15"},
        {"year": 2025, "preface": "覆盖全公司", "leadership_statement": "质量第一", "integrity": "公开承诺", "closing": "谢谢"},
        record={"assertion": "self_declared"},
    ),
    Sheet(
        "arbitration_inspection", "arbitration_inspection",
        firm("生产者名称") | {
            "仲裁检验报告编号": "zc-1", "仲裁检验机构": "演示检验院", "检验结论": "不合格", "不合格项目": "甲醛释放量、耐磨", "委托方类别": "仲裁机构",
            "仲裁检验日期": "2026-05-05"},
        {"institution": "演示检验院", "result": "fail", "failed_items": ["甲醛释放量", "耐磨"], "commissioned_by": "arbitration"},
    ),
    Sheet(
        "quality_appraisal", "quality_appraisal",
        firm("生产者名称") | {
            "鉴定报告编号": "jd-1", "鉴定组织单位": "演示鉴定协会", "鉴定结论": "存在制造缺陷", "是否存在质量问题": "是", "责任归属": "生产者",
            "鉴定日期": "2026-05-06"},
        {"organiser": "演示鉴定协会", "conclusion": "存在制造缺陷", "defect_found": True, "responsibility": "producer"},
    ),
    Sheet(
        "risk_warning", "risk_warning",
        firm("涉及企业名称") | {
            "警示编号": "js-1", "警示类型": "消费警示", "警示标题": "慎用无温控电暖器", "风险等级": "高", "消费建议": "停止使用", "警示发布日期": "2026-10-01"},
        {"form": "consumer_advice", "title": "慎用无温控电暖器", "risk_level": "high", "advice": "停止使用"},
    ),
    Sheet(
        "random_inspection", "random_inspection",
        firm("检查对象名称") | {
            "检查记录编号": "sj-1", "抽查计划名称": "2026年度计划", "检查事项": "产品质量检查；标识检查", "抽查类型": "不定向", "是否部门联合": "否",
            "检查日期": "2026-04-10", "抽查结果": "未发现问题"},
        {"plan": "2026年度计划", "matters": ["产品质量检查", "标识检查"], "mode": "undirected", "joint": False, "result": "no_problem"},
    ),
    Sheet(
        "quality_insurance", "quality_insurance",
        firm("被保险人名称") | {
            "投保记录编号": "bx-1", "保险种类": "产品责任险", "保险公司": "演示财险", "保单号": "P1", "保险金额(万元)": "200", "保费": "8,000.50",
            "保险起期": "2026-01-01", "保险止期": "2026-12-31"},
        {"insurance_type": "product_liability", "insurer": "演示财险", "policy_number": "P1", "insured_amount": "2000000", "premium": "8000.5"},
        record={"assertion": "third_party", "valid_until": "2026-12-31"},
    ),
    Sheet(
        "chief_quality_officer", "chief_quality_officer",
        firm("任职企业名称") | {
            "任职备案编号": "zl-1", "姓名": "赵六", "任职状态": "在任", "职务": "副总经理", "培训日期": "2025-11-01", "任命日期": "2026-01-02"},
        {"state": "in_office", "officer": "赵*", "position": "副总经理", "trained_on": "2025-11-01"},
    ),
    Sheet(
        "traceability_statement", "traceability_statement",
        firm("声明企业名称") | {
            "追溯声明编号": "zs-1", "追溯体系名称": "演示追溯", "追溯标识方式": "二维码", "追溯环节": "生产、物流；销售", "追溯精度": "批次",
            "追溯声明日期": "2026-06-06"},
        {"system_name": "演示追溯", "carrier": "qr_code", "stages": ["production", "logistics", "sale"], "granularity": "batch"},
        record={"assertion": "self_declared"},
    ),
)  # fmt: skip
