"""Why this room exists: every provider speaks of the same few facts in words of its own.

One file a provider turns its posts into `events.ProviderEvent` and its received mail into
`mail.InboundMail`. Everything here is a pure function over bytes: no database, no clock, no web
framework. What the events mean for a contact is decided further up.
"""
