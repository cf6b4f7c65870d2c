"""What happens next to a contact: pure rules, standard library only, no clock, no randomness, no I/O.

Theory of operation. The contact is the boundary of consistency. Everything the rules may know is in two values: the
`World` (programs compiled from the authors' files; immutable, hashed) and the `ContactState` (what is remembered of one
contact). One event at a time is given to `decide`, which answers with a `Decision`: the new state, the effects wanted,
and the reasons, also for doing nothing. The engine performs the effects; the simulator, `explain` and `plan` only read
them. Timers are not effects but a function of the state (`state.timers`), so that a reply cancels a wait by changing the
position alone.

    event -> absorb (facts) -> qualify (score, status) -> leave / enter / advance / hand off -> run the steps

Read `decide.py` first; it is that line, in code.
"""
