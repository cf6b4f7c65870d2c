"""Applying files."""
