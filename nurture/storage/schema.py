"""Which migration this version of the program needs: known without loading the migrations."""

HEAD = "0012"
"""The newest revision in migrations/ (a test compares them)."""
