"""The SQL of the credit service."""
