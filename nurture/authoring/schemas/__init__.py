"""JSON Schemas of the authors' files, made from the keys that their readers know, for editors that complete and underline.

A schema refuses nothing that `nurture check` accepts, but for flags and whole numbers in quotes, and a bare `true` where a
text stands. The check stays the judge of everything.
"""
