"""The released rules of remedies, one TOML text each: periods with their legal basis. A released text never changes."""
