"""What is legal and probably not meant: one file for each kind of warning, over campaigns as they were read and compiled."""
