"""The agency client: what an agency's own computer runs to push, pull, look up and verify.

It speaks only HTTP to the platform and imports nothing else of it, so that it can be handed over by itself.
"""
