"""What can be wrong with a rule book: a code for each fault, its reason and its cure, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Language = Literal["zh", "en"]


class Advice(NamedTuple):
    """Why something is a fault and how it is put right; `{name}` marks what the fault fills in."""

    why_zh: str
    why_en: str
    cure_zh: str
    cure_en: str


@dataclass(frozen=True, slots=True)
class RuleFault:
    """One fault of a rule book: the line where it stands (None if nothing of it stands there), its path, what is wrong."""

    line: int | None
    path: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The reason in English."""
        return self.why("en")

    def why(self, language: Language) -> str:
        """The reason."""
        advice = ADVICE[self.code]
        return (advice.why_zh if language == "zh" else advice.why_en).format(**self.values)

    def cure(self, language: Language) -> str:
        """What to write instead."""
        advice = ADVICE[self.code]
        return (advice.cure_zh if language == "zh" else advice.cure_en).format(**self.values)


ADVICE: Final[Mapping[str, Advice]] = {
    # the form of the text
    "encoding_invalid": Advice("不是 UTF-8 文本", "is no text in UTF-8",
        "请以 UTF-8 编码保存", "save the file in UTF-8"),
    "toml_invalid": Advice("不是有效的 TOML：{reason}", "is no TOML: {reason}",
        "请改正该行的语法，见 docs/rulebook.md 的样例", "mend the syntax of the line; docs/rulebook.md shows an example"),
    "key_missing": Advice("缺少该项", "is missing",
        "请在此表中补写 {key}", "write {key} in this table"),
    "key_unknown": Advice("没有这一项；此处可用：{known}", "unknown key; known here: {known}",
        "请改正名称或删除", "correct its name or remove it"),
    "table_expected": Advice("须为表", "must be a table",
        "请写成 {key} = {{ … }}", "write {key} = {{ … }}"),
    "tables_expected": Advice("须为非空的表列", "must be a list of tables that is not empty",
        "请写成 [[{key}]]，每项一段", "write [[{key}]] above each of its parts"),
    "text_blank": Advice("须为非空文本", "must be a text that is not blank",
        "请填写带引号的文字", "write words between quotes"),
    "texts_expected": Advice("须为非空的文本列表", "must be a list of texts that is not empty",
        '请写成 ["…", "…"]', 'write ["…", "…"]'),
    "texts_repeated": Advice("列表中有重复的值", "lists a value twice",
        "每个值只写一次", "name each value once"),
    "points_invalid": Advice('分值须为两位小数的文本，如 "-12.50"，而不是 {given}',
        'must be points as text with two decimal places, such as "-12.50", not {given}',
        "请加引号并写足两位小数", "put it between quotes with two decimal places"),
    "money_not_text": Advice('金额须为文本（元），如 "3000.00"，而不是 {given}',
        'must be an amount of yuan as text, such as "3000.00", not {given}',
        "请加引号", "put it between quotes"),
    "money_invalid": Advice("{given} 不是最多两位小数的金额（元）", "{given} is not an amount of yuan with at most two decimal places",
        '请写成 "3000.00"', 'write it as "3000.00"'),
    "number_out_of_bounds": Advice("须为 {lowest} 至 {highest} 的整数，而不是 {given}", "must be a whole number from {lowest} to {highest}, not {given}",
        "请写不带引号的整数", "write a whole number without quotes"),
    "date_invalid": Advice("日期须写成 2026-01-01，不带引号，而不是 {given}", "must be a date such as 2026-01-01, without quotes, not {given}",
        "请写真实存在的日期，不加引号", "write a day of the calendar without quotes"),
    "basis_missing": Advice("没有写明依据", "is missing: nothing is scored without a legal basis",
        "请写明法律或文件依据；未经核对的加注（待确认）", "name the law or document; mark what was not confirmed with (待确认)"),
    "id_repeated": Advice("{id} 已被使用", "{id} is taken already",
        "请另取编号", "give it another id"),
    # dates, scale, pillars
    "until_before_from": Advice("早于 valid_from", "lies before valid_from",
        "截止日期不得早于生效日期", "let the book end after it begins"),
    "band_overlaps": Advice("须低于 {letter} 的分数线：最好的等级写在最前", "must be below the threshold of {letter}: the best letter comes first",
        "请按分数线从高到低排列，且互不相同", "order the bands by falling thresholds, no two alike"),
    "band_unreachable": Advice("高于满分，无人可及", "is above the full score, so that nobody can reach it",
        "请写不超过 100.00 的分数", "write a score of at most 100.00"),
    "band_open_below": Advice('须为 "0.00"：最低等级收下其余所有分数', 'must be "0.00": the worst letter takes every score that is left',
        '请把最后一级写成 at_least = "0.00"', 'write at_least = "0.00" in the last band'),
    "pillar_empty": Advice("须大于零", "must be above nought",
        "请写明该维度的满分", "write what the pillar can reach"),
    "pillar_start": Advice("须在零与该维度满分之间", "must lie between nought and the pillar's maximum",
        "请调整起点分", "choose a start within the pillar"),
    "pillar_gains_too_much": Advice("须在零与满分减起点分之间：否则得分会超出该维度",
        "must be from nought to maximum less start: the score would leave its pillar",
        "请减小 most_gained 或降低 start", "lower most_gained or start"),
    "pillar_loses_too_much": Advice("须在零与起点分之间：否则得分会低于零", "must be from nought to start: the score would fall below nought",
        "请减小 most_lost 或提高 start", "lower most_lost or raise start"),
    "pillars_do_not_add_up": Advice("各维度满分之和须为 100.00，现为 {sum}", "the maxima of the pillars must make 100.00 together, not {sum}",
        "请调整各维度的 maximum", "adjust the pillars' maxima"),
    # rules
    "kind_unknown": Advice("没有信息类别 {given}", "unknown kind {given}",
        "可用的类别见 /v1/catalogue", "/v1/catalogue lists the kinds"),
    "pillar_unknown": Advice("没有维度 {given}；可用：{known}", "unknown pillar {given}; known: {known}",
        "请写上面定义过的维度", "name a pillar that stands above"),
    "period_unknown": Advice("没有使用期限 {given}；可用：{known}", "unknown period {given}; known: {known}",
        "请写上面定义过的期限", "name a period that stands above"),
    "letter_unknown": Advice("没有等级 {given}；可用：{known}", "unknown letter {given}; known: {known}",
        "请写等级表中的等级", "name a letter of the scale"),
    "rule_unreachable": Advice("永远用不到：前面的 {earlier} 已收下全部 {kind}", "is never reached: {earlier} before it takes every {kind}",
        "请移到 {earlier} 之前，或删除", "put it before {earlier}, or remove it"),
    "rule_repeated": Advice("永远用不到：前面的 {earlier} 条件相同", "is never reached: {earlier} before it asks the same",
        "请改正条件，或删除其一", "change its conditions, or remove one of the two"),
    "points_nought": Advice("为零又没有上限", "are nought without a ceiling: leave the rule out instead",
        "请写分值或 ceiling，或删除该规则", "write points or a ceiling, or remove the rule"),
    "points_beyond_gain": Advice("超过全部记录对 {pillar} 合计可加的分（most_gained）",
        "are more than all records together may add to {pillar} (most_gained)",
        "请减小分值，或提高该维度的 most_gained", "lower the points, or raise most_gained of the pillar"),
    "points_beyond_loss": Advice("超过全部记录对 {pillar} 合计可扣的分（most_lost）",
        "are more than all records together may take from {pillar} (most_lost)",
        "请减小分值，或提高该维度的 most_lost", "lower the points, or raise most_lost of the pillar"),
    "ceiling_best": Advice("最好的等级不是限制", "the best letter is no ceiling",
        "请写较低的等级", "name a lower letter"),
    "ceiling_too_long": Advice("限制期长于信息使用期限（{months} 个月）",
        "the ceiling lasts longer than the period in which the information may be used ({months} months)",
        "请写不超过 {months} 的月数", "write at most {months} months"),
    "ceiling_on_praise": Advice("加分规则不能限制等级", "a rule that adds points cannot hold the grade down",
        "请删除 ceiling", "remove the ceiling"),
    "decay_too_long": Advice("衰减长于信息使用期限（{months} 个月）",
        "decay lasts longer than the period in which the information may be used ({months} months)",
        "请写小于 {months} 的月数", "let each step begin before {months} months"),
    "decay_out_of_order": Advice("须晚于前一档", "must be later than the step before",
        "请按月数从小到大排列", "order the steps by rising months"),
    "decay_grows": Advice("须小于前一档：影响只会减弱", "must be smaller than in the step before: a record only fades",
        "请写更小的 share", "write a smaller share"),
    "decay_leaves_fraction": Advice("会产生不足百分之一分的零头", "leaves a fraction of a hundredth of a point",
        "请选择能整除的 share", "choose a share that divides evenly"),
    "operator_count": Advice("须恰有一个比较方式：{known}", "needs exactly one operator of {known}",
        "请只写一个", "write one of them"),
    "operator_unfit": Advice("不能用于 {field}（{type}）", "cannot be asked of {field}, which is {type}",
        "请按 docs/rulebook.md 的表选择比较方式", "choose an operator by the table in docs/rulebook.md"),
    "field_unknown": Advice("{kind} 没有规则可用的字段 {given}；可用：{known}",
        "{kind} has no field {given} that rules may look at; known: {known}",
        "请写可用的字段", "name a known field"),
    "value_unknown": Advice("该字段没有取值 {given}；可用：{known}", "no value of this field: {given}; known: {known}",
        "请写可用的取值", "name known values"),
}  # fmt: skip
