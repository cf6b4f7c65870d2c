"""What a mail says: templates compiled once, skeletons filled per contact, tokens in every link."""
