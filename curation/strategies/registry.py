"""The strategies by name, in the order in which they take their share."""

from collections.abc import Mapping, Sequence

from curation.strategies import (
    consistent_call,
    diverse,
    farthest_from_centroid,
    hard_example,
    high_quality,
    user_edit,
)
from curation.strategies.base import Plugin

STRATEGIES: dict[str, Plugin] = {
    module.PLUGIN.name.value: module.PLUGIN
    for module in (user_edit, high_quality, hard_example, consistent_call, diverse, farthest_from_centroid)
}


class InvalidParameters(ValueError):
    """Parameters that name no strategy, no parameter or no possible value; `path` names which."""

    def __init__(self, path: str, message: str):
        self.path = path
        super().__init__(message)


def check_parameters(given: Mapping[str, Mapping[str, float]], *, strategies: Sequence[str]) -> None:
    """Check the parameters of a set.

    Parameters
    ----------
    given : mapping of str to mapping of str to float
        Values by strategy and name.
    strategies : sequence of str
        The strategies of the set.

    Raises
    ------
    InvalidParameters
        If one is unknown, is no number or is outside its range, or belongs to a strategy that the set does not use.

    Examples
    --------
    >>> check_parameters({"high_quality": {"min_p_good": 0.95}}, strategies=["high_quality"])
    >>> check_parameters({"high_quality": {"floor": 0.95}}, strategies=["high_quality"])
    Traceback (most recent call last):
    curation.strategies.registry.InvalidParameters: high_quality has no parameter floor, only max_cosine, min_p_good.
    """
    for name, values in given.items():
        if name not in STRATEGIES or name not in strategies:
            raise InvalidParameters(name, f"{name} is not among the strategies of this set.")
        known = STRATEGIES[name].parameters
        if not isinstance(values, Mapping):
            raise InvalidParameters(name, "Give an object of parameters by name.")
        for parameter, value in values.items():
            if parameter not in known:
                names = ", ".join(sorted(known)) or "none"
                raise InvalidParameters(f"{name}.{parameter}", f"{name} has no parameter {parameter}, only {names}.")
            one = known[parameter]
            if isinstance(value, bool) or not isinstance(value, int | float) or not one.minimum <= value <= one.maximum:
                message = f"Give a number from {one.minimum:g} to {one.maximum:g}."
                raise InvalidParameters(f"{name}.{parameter}", message)
