"""Why two answers cannot be compared."""


class NotComparable(Exception):
    """The state of the set, or the answers, do not allow the comparison."""


class AlreadyCompared(NotComparable):
    """Another reviewer has decided, or has the comparison open."""
