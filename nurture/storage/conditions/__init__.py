"""Whom a condition means, asked of the database: the same typed tree as `core.facts` evaluates, compiled to SQLAlchemy.

Theory of operation. `where(condition, asked)` gives a clause over `contacts`; `select_contacts` walks over those who meet
the condition, in chunks, and `count_contacts` counts them. Both say at an instant what the core would: a contact as kept,
engagement and fit folded anew for the instant, as the first thing a decision does. Facts received and not decided yet are
not counted, and `status` is the one that the last decision left.

    bounds      true and false, never NULL; what may be and what must be, where SQL cannot say exactly which
    readings    fields by the type of their value, and what contacts have in columns of their own
    folding     texts whatever their case, as Python folds them, on both databases
    comparing   = != < <= > >= in; signals, tags, engagement and fit have a file each
    tree        one arm for each kind of node

Exact is every leaf, on both databases: tags; fields and columns, whatever the type of the value compared; signals in each
scope; stage and status; engagement with its caps and half-lives; fit; dates. Left to the core, of a clause that holds of more
than the condition means, are only: how far a date is from today, where that depends on the contact's clock; values that no column can hold (NUL, half of a surrogate pair, more than 64 bits), a
field whose name needs escaping in JSON, scores by a daily cap or a weight below zero, and, on SQLite, what lies deeper
than eight levels.
"""

from nurture.storage.conditions.asked import Asked
from nurture.storage.conditions.choosing import Selection, count_contacts, holds_now, select_contacts, where

__all__ = ["Asked", "Selection", "count_contacts", "holds_now", "select_contacts", "where"]
