"""The preview: what it shows, that it follows the files, and that nobody else can look."""
