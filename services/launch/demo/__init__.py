"""The demo: an embedded deployment with a synthetic province, pushed through the real API."""
