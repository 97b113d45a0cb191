"""What one search of a text can tell: which detectors may find something in it."""

from enum import IntEnum, auto


class Sign(IntEnum):
    """The first say that a text needs a closer look; each of the others belongs to one expression of a detector."""

    ADDRESS = 0
    NUMBER = auto()
    SECRET = auto()
    OWN_NAME = auto()
    # Every text has it: a search that does not find it has failed.
    SEARCHED = auto()
    LONG_WORD = auto()
    ENCODED = auto()
    EMAIL = auto()
    URL_PASSWORD = auto()
    AUTHORIZATION = auto()
    HEADER = auto()
    NAMED_KEY = auto()
    ASSIGNMENT = auto()
    COMMAND_LINE = auto()
    COMMAND_OPTION = auto()
    ELEMENT = auto()
    CONNECTION_STRING = auto()
    COOKIE = auto()
    # These are sought in folded text.
    IP_V4 = auto()
    IP_V6 = auto()
    IBAN = auto()
    DIGITS = auto()
    BROKEN_NUMBER = auto()


GATES = frozenset({Sign.ADDRESS, Sign.NUMBER, Sign.SECRET, Sign.OWN_NAME})
