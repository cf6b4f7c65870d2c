"""Conditions asked of the database: the same answer as the core's, whoever the contacts are."""
