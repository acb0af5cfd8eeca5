"""What the credit service does, one transaction at a time."""
