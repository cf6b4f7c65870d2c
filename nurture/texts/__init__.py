"""Words for people, in French and English: one table a subject, no logic."""
