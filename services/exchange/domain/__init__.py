"""Rules of the exchange as plain functions: facts in, a decision out."""
