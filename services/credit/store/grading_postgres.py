"""The words of PostgreSQL for grading many firms at once: facts as `jsonb`, months as intervals."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from services.credit.domain.months import LAST_ORDINAL
from services.credit.store.grading_words import Binds, Words
from services.kernel.bulk import joined


class _PostgresWords:
    least, greatest, joined = "LEAST", "GREATEST", "string_agg"
    by_code = ' COLLATE "C"'
    settings: Mapping[str, str] = MappingProxyType(
        {"jit": "off", "work_mem": "'64MB'", "enable_nestloop": "off"}
    )
    """Compiling the statement would take longer than running it; its sorts are of some ten thousand rows; and how many
    facts a stored list holds is not known to the planner, who takes them for few."""

    def listed(self, bind: Binds, values: Sequence[str]) -> str:
        return f"(SELECT unnest(string_to_array({bind(joined(values))}, ',')))"

    def elements(self, facts: str) -> str:
        return f"CROSS JOIN LATERAL jsonb_array_elements(CAST({facts} AS jsonb)) AS x (fact)"

    def pairs(self, given: str) -> str:
        return (
            "(SELECT pair ->> 0 AS uscc, pair -> 1 AS fact"
            f" FROM jsonb_array_elements(CAST({given} AS jsonb)) AS given (pair)) AS x"
        )

    def member(self, type_: str, *places: int) -> str:
        *outer, last = places
        inner = "".join(f" -> {place}" for place in outer)
        match type_:
            case "integer":
                return f"CAST(x.fact{inner} ->> {last} AS integer)"
            case "boolean":
                return f"CAST(CAST(x.fact{inner} ->> {last} AS boolean) AS integer)"
            case "object":
                return f"x.fact{inner} -> {last}"
        return f"x.fact{inner} ->> {last}"

    def attribute(self, name: str) -> str:
        return f"attributes ->> '{name}'"

    def number(self, name: str) -> str:
        return f"CAST(attributes ->> '{name}' AS numeric)"

    def any_of(self, bind: Binds, name: str, values: Sequence[str]) -> str:
        return f"attributes -> '{name}' ?| ARRAY[{', '.join(map(bind, values))}]"

    def only_of(self, bind: Binds, name: str, values: Sequence[str]) -> str:
        array = f"to_jsonb(ARRAY[{', '.join(map(bind, values))}])"
        return f"jsonb_array_length(attributes -> '{name}') > 0 AND attributes -> '{name}' <@ {array}"

    def end_of_period(self, day: str, months: str) -> str:
        end = f"CAST(date '0001-01-01' + ({day} - 1) + {months} * interval '1 month' AS date)"
        return f"LEAST({end} - date '0001-01-01' + 1, {LAST_ORDINAL})"

    def day(self, ordinal: str) -> str:
        return f"(date '0001-01-01' + CAST({ordinal} - 1 AS integer))"

    def day_text(self, ordinal: str) -> str:
        return f"to_char({self.day(ordinal)}, 'YYYY-MM-DD')"

    def json_text(self, expression: str) -> str:
        return f"CAST(to_json(CAST({expression} AS text)) AS text)"


POSTGRES: Final[Words] = _PostgresWords()
