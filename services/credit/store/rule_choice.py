"""Which rule of a book a stated fact falls under, as one expression: the first of its kind whose conditions all hold."""

from services.credit.domain.rules import Condition, Rule, RuleBook
from services.credit.store.grading_words import Binds, Words

_COMPARISONS = {"at_least": ">=", "above": ">", "below": "<"}


def rule_of(book: RuleBook, words: Words, bind: Binds) -> str:
    """The number of the rule in the book, by the columns `kind` and `attributes`; null where none applies."""
    by_kind: dict[str, list[tuple[int, Rule]]] = {}
    for number, rule in enumerate(book.rules):
        by_kind.setdefault(rule.kind, []).append((number, rule))
    cases = "".join(
        f" WHEN {bind(kind)} THEN {_first_of(rules, words, bind)}" for kind, rules in by_kind.items()
    )
    return f"CASE kind{cases} END" if cases else "NULL"


def _first_of(rules: list[tuple[int, Rule]], words: Words, bind: Binds) -> str:
    cases = "".join(
        f" WHEN {' AND '.join(f'({_holds(condition, words, bind)})' for condition in rule.when) or 'true'} THEN {number}"
        for number, rule in rules
    )
    return f"CASE{cases} END"


def _holds(condition: Condition, words: Words, bind: Binds) -> str:
    name, value = condition.field, condition.value
    if isinstance(value, int):
        return f"{words.number(name)} {_COMPARISONS[condition.operator]} {value}"
    if isinstance(value, str):
        return f"{words.attribute(name)} = {bind(value)}"
    if condition.operator == "only_of":
        return words.only_of(bind, name, value)
    if condition.is_of_list:
        return words.any_of(bind, name, value)
    return f"{words.attribute(name)} IN ({', '.join(map(bind, value))})"
