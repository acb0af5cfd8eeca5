"""The exchange's statements to its database; nothing outside this package speaks SQL."""
