"""Pairwise review: a reviewer sees two answers to one prompt and says which one is better."""
