"""The words of SQLite for grading many firms at once: facts by `json_each`, months by its date functions."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from services.credit.domain.months import LAST_ORDINAL
from services.credit.store.grading_words import Binds, Words

_BEFORE_THE_FIRST: Final = "1721424.5"
"""The Julian day before 0001-01-01, which is the ordinal 1."""


class _SQLiteWords:
    least, greatest, joined = "min", "max", "group_concat"
    by_code = ""
    settings: Mapping[str, str] = MappingProxyType({})

    def listed(self, bind: Binds, values: Sequence[str]) -> str:
        return f"(SELECT value FROM json_each({bind(msgspec.json.encode(list(values)).decode())}))"

    def elements(self, facts: str) -> str:
        return f"JOIN json_each({facts}) AS x"

    def pairs(self, given: str) -> str:
        return (
            "(SELECT json_extract(value, '$[0]') AS uscc, json_extract(value, '$[1]') AS value"
            f" FROM json_each({given})) AS x"
        )

    def member(self, type_: str, *places: int) -> str:  # noqa: ARG002 - the type comes with the value here
        return f"json_extract(x.value, '${''.join(f'[{place}]' for place in places)}')"

    def attribute(self, name: str) -> str:
        return f"json_extract(attributes, '$.{name}')"

    def number(self, name: str) -> str:
        return self.attribute(name)

    def any_of(self, bind: Binds, name: str, values: Sequence[str]) -> str:
        return f"EXISTS (SELECT 1 FROM json_each(attributes, '$.{name}') WHERE value IN ({', '.join(map(bind, values))}))"

    def only_of(self, bind: Binds, name: str, values: Sequence[str]) -> str:
        others = f"SELECT 1 FROM json_each(attributes, '$.{name}') WHERE value NOT IN ({', '.join(map(bind, values))})"
        return f"json_array_length(attributes, '$.{name}') > 0 AND NOT EXISTS ({others})"

    def end_of_period(self, day: str, months: str) -> str:
        julian = f"{day} + {_BEFORE_THE_FIRST}"
        first = f"julianday({julian}, 'start of month', '+' || {months} || ' months') - {_BEFORE_THE_FIRST}"
        last = f"julianday({julian}, 'start of month', '+' || ({months} + 1) || ' months', '-1 day') - {_BEFORE_THE_FIRST}"
        day_of_month = f"CAST(strftime('%d', {julian}) AS INTEGER)"
        # the calendar ends with the year 9999: what lies beyond is null
        end = f"min({first} + {day_of_month} - 1, coalesce({last}, {LAST_ORDINAL}))"
        return f"CAST(coalesce({end}, {LAST_ORDINAL}) AS INTEGER)"

    def day(self, ordinal: str) -> str:
        return f"date({ordinal} + {_BEFORE_THE_FIRST})"

    def day_text(self, ordinal: str) -> str:
        return self.day(ordinal)

    def json_text(self, expression: str) -> str:
        return f"json_quote({expression})"


SQLITE: Final[Words] = _SQLiteWords()
