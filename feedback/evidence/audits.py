"""Which events are audited: chosen at random, independent of feedback."""

import hashlib


def is_audited(event_id: str, *, salt: str, rate: float) -> bool:
    """Return whether an event is one of the share that is audited.

    Parameters
    ----------
    event_id : str
        The id of the event, which its sender may have chosen.
    salt : str
        A secret of the deployment, so that no sender can tell which ids are audited.
    rate : float
        The share of events that are audited, 0 to 1.

    Returns
    -------
    bool
        The same for the same event. Events that are audited at a rate are audited at every higher one.

    Notes
    -----
    The first 64 bits of the BLAKE2b digest of the id, keyed with the salt, are below the rate times 2**64.

    Examples
    --------
    >>> ids = [str(number) for number in range(10_000)]
    >>> sum(is_audited(one, salt="a", rate=0.02) for one in ids)
    177
    >>> is_audited("1", salt="a", rate=1.0), is_audited("1", salt="a", rate=0.0)
    (True, False)
    """
    digest = hashlib.blake2b(event_id.encode(), key=salt.encode(), digest_size=8).digest()
    return int.from_bytes(digest) < rate * 2**64
