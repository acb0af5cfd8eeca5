"""The budgets of the design, measured: each row beside its limit, in the same run, on the same machine.

`python -m tests.benchmarks` makes its own databases, fills them through the services' own code, serves them with
`zhixin serve` in processes of their own, loads them from others, and drops what it made. docs/benchmarks.md explains
what each row measures and what it does not.
"""
