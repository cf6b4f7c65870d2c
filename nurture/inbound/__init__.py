"""Why this room exists: what the world tells us must become events before anybody decides.

Reading comes first and is pure: a received mail is a person's reply, a machine's, a bounce or a
complaint (`reply.read`). Sorting what was read into the database is the other half of the room.
"""
