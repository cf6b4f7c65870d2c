"""What each step does when its turn comes, a family of verbs to a file: `steps.py` has the table of them."""
