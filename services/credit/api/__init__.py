"""The HTTP edge of the credit service."""
