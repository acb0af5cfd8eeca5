"""What quality-credit grading is, in the standard library alone: facts, rules, grades. No clock, no database, no web."""
