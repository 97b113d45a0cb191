"""Texts that try to steer a model, or that insult, threaten or hate, by named patterns."""

from feedback.quality.flags.finding import ABUSE, INJECTION, Flag, flags_of

__all__ = ["ABUSE", "INJECTION", "Flag", "flags_of"]
