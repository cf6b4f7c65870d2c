"""How each step is written, a family of verbs to a file: `steps.py` has the table of them."""
