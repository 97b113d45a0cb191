"""Texts that try to steer a model, that give its instructions away, or that insult, threaten or hate, by patterns."""

from feedback.quality.flags.finding import ABUSE, INJECTION, LEAKAGE, Flag, flags_of, flags_of_many

__all__ = ["ABUSE", "INJECTION", "LEAKAGE", "Flag", "flags_of", "flags_of_many"]
