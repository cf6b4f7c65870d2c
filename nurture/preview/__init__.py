"""A local page where authors see what they write: every mail in all its forms, each campaign as a drawing."""
