"""A campaign as a drawing: what follows what, where it stands, how it looks."""
