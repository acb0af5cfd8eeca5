"""The budgets of this form (docs/benchmarks.md), and what was measured against them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """One row of the design's table; `must` decides, `aim` is what to be proud of, both ratios to the limit."""

    id: str
    name: str
    must: float
    aim: float


BUDGETS = {
    budget.id: budget
    for budget in (
        Budget("B1", "grade lookup, 32 connections", 0.4, 1.0),
        Budget("B3", "file as JSON, 32 connections", 0.3, 0.5),
        Budget("B4", "push of records over HTTP", 0.12, 0.4),
        Budget("B5", "pull of changes as NDJSON", 0.4, 1.2),
    )
}


@dataclass(frozen=True)
class Result:
    """What was measured: events or answers a second, the same of the limit, and a note for the reader."""

    value: float
    limit: float
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.value / self.limit


@dataclass(frozen=True)
class Row:
    """A budget with its result on one database. The budgets are PostgreSQL's: on SQLite nothing has to hold."""

    budget: Budget
    database: str
    result: Result

    @property
    def must(self) -> float | None:
        return self.budget.must if self.database == "postgresql" else None

    @property
    def aim(self) -> float | None:
        return self.budget.aim if self.database == "postgresql" else None

    @property
    def holds(self) -> bool | None:
        return None if self.must is None else self.result.ratio >= self.must

    def as_json(self) -> dict[str, object]:
        """The row in build/bench.json."""
        result = self.result
        return {
            "id": self.budget.id, "name": self.budget.name, "database": self.database, "value": round(result.value, 1),
            "limit": round(result.limit, 1), "ratio": round(result.ratio, 3), "must": self.must, "aim": self.aim,
            "holds": self.holds,
        }  # fmt: skip
