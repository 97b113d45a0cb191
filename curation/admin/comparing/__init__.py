"""The page on which a reviewer compares two answers to one prompt."""
