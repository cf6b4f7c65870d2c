"""What an edit of the files changes, and changing it."""
