"""The credit service: the system of record for enterprises, their records and grades."""
