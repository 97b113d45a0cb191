"""How much each signal says about an answer: the table of weights of a deployment."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from feedback.choices import SignalType

# For an answer above 0, against it below; a rating counts with this strength, as a fraction of the scale.
DEFAULTS: Mapping[str, float] = {
    SignalType.THUMBS_UP.value: 1.0,
    SignalType.THUMBS_DOWN.value: -1.0,
    SignalType.RATING.value: 1.0,
    SignalType.REPORT.value: -1.0,
    SignalType.REGENERATE.value: -0.5,
    SignalType.EDIT.value: -0.5,
    SignalType.SHARE.value: 0.5,
    SignalType.COPY.value: 0.25,
}
MOST_ENTRIES = 200
_LABEL, _RATING = SignalType.LABEL.value, SignalType.RATING.value
_KEY = re.compile(r"(rating:[^:#=]{1,64}|label(:[^:#=]{1,64})?=.{1,200})", re.DOTALL)
_NO_NUMBER = "a weight is a number from -1 to 1"
_NO_STRENGTH = "the weight of a rating is a number from 0 to 1"
_NO_KEY = (
    'a key is a type of signal other than label, "rating:NAME" for one of several ratings, or "label=VALUE" or '
    '"label:NAME=VALUE" for a value of a label'
)


class Vote(NamedTuple):
    """What one signal says: how much for the answer, and how much against it; both are 0 or more."""

    up: float
    down: float


NO_VOTE = Vote(0.0, 0.0)


@dataclass(frozen=True)
class WeightTable:
    """The weights of a deployment's signals: the defaults, and what the deployment puts in their place.

    Parameters
    ----------
    overrides : mapping of str to float
        Weights from -1 to 1 by key: a type of signal, "rating:NAME", "label=VALUE" or "label:NAME=VALUE". Ratings
        have a strength, from 0 to 1. A label without an entry says nothing.
    scale : tuple of float, optional
        The lowest and the highest rating. Without it ratings say nothing.

    Examples
    --------
    >>> table = WeightTable({"label=resolved": 1.0}, scale=(1.0, 5.0))
    >>> table.vote("thumbs_down"), table.vote("rating", value="4"), table.vote("label", value='"resolved"')
    (Vote(up=0.0, down=1.0), Vote(up=0.75, down=0.25), Vote(up=1.0, down=0.0))
    """

    overrides: Mapping[str, float] = field(default_factory=dict)
    scale: tuple[float, float] | None = None
    _votes: dict[tuple[str, str, str | None], Vote] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def version(self) -> str:
        """A digest of the whole table, the same for tables that weigh alike."""
        weights = {key: float(weight) for key, weight in {**DEFAULTS, **self.overrides}.items()}
        text = json.dumps([sorted(weights.items()), self.scale and [float(bound) for bound in self.scale]])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def vote(self, type: str, name: str = "", value: str | None = None) -> Vote:
        """Return what a signal says.

        Parameters
        ----------
        type : str
            A type of `SignalType`.
        name : str
            The name of a rating or a label; "" without one.
        value : str, optional
            The value of a rating or a label, as JSON text.

        Returns
        -------
        Vote
            For and against the answer; together at most 1. Both are 0 for a signal that does not count.

        Examples
        --------
        >>> WeightTable().vote("copy"), WeightTable().vote("rating", value="4")
        (Vote(up=0.25, down=0.0), Vote(up=0.0, down=0.0))
        """
        key = (type, name, value if type in (_RATING, _LABEL) else None)
        found = self._votes.get(key)
        if found is None:
            # Values that clients choose are many; a table forgets them rather than grow.
            if len(self._votes) > 10_000:
                self._votes.clear()
            found = self._votes[key] = self._vote(*key)
        return found

    def _vote(self, type: str, name: str, value: str | None) -> Vote:
        if type == _RATING:
            return self._of_rating(name, value)
        if type == _LABEL:
            text = _text_of(value)
            return _signed(self._weight(f"{_LABEL}:{name}={text}" if name else f"{_LABEL}={text}"))
        return _signed(self._weight(type))

    def _of_rating(self, name: str, value: str | None) -> Vote:
        strength = self._weight(f"{_RATING}:{name}", self._weight(_RATING)) if name else self._weight(_RATING)
        number = json.loads(value) if value is not None else None
        if not strength or self.scale is None or not isinstance(number, int | float) or isinstance(number, bool):
            return NO_VOTE
        low, high = self.scale
        share = min(max((float(number) - low) / (high - low), 0.0), 1.0)
        return Vote(strength * share, strength * (1.0 - share))

    def _weight(self, key: str, default: float = 0.0) -> float:
        return float(self.overrides.get(key, DEFAULTS.get(key, default)))


def _signed(weight: float) -> Vote:
    return Vote(weight, 0.0) if weight > 0 else Vote(0.0, -weight) if weight < 0 else NO_VOTE


def _text_of(value: str | None) -> str:
    """A label's value as it stands in a key: a text as it is, anything else as JSON."""
    decoded = None if value is None else json.loads(value)
    return decoded if isinstance(decoded, str) else value or ""


def problems(overrides: Any) -> dict[str, str]:
    """Return what is wrong with the weights that a deployment states.

    Parameters
    ----------
    overrides : Any
        What was sent in place of weights by key.

    Returns
    -------
    dict of str to str
        A message by key, "" for all of them; empty for valid weights.

    Examples
    --------
    >>> problems({"thumbs_up": 2})
    {'thumbs_up': 'a weight is a number from -1 to 1'}
    >>> problems({"label:tone=rude": -1, "rating:tone": 0})
    {}
    """
    if not isinstance(overrides, Mapping):
        return {"": "weights are an object of numbers by key"}
    if len(overrides) > MOST_ENTRIES:
        return {"": f"at most {MOST_ENTRIES} weights"}
    found = {str(key): _problem(str(key), weight) for key, weight in overrides.items()}
    return {key: message for key, message in found.items() if message}


def _problem(key: str, weight: Any) -> str | None:
    if key not in DEFAULTS and not _KEY.fullmatch(key):
        return _NO_KEY
    is_rating = key == _RATING or key.startswith(f"{_RATING}:")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not (0 if is_rating else -1) <= weight <= 1:
        return _NO_STRENGTH if is_rating else _NO_NUMBER
    return None
