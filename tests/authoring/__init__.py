"""Promises of the authoring room."""
