"""What a stage makes is made once: a record that it made before is found again."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.db.models import Model


class Effects(Protocol):
    """What one stage of one run has made so far.

    in_background: whether workers do the long jobs; otherwise the stage does them itself.
    """

    in_background: bool

    def once(self, kind: str, make: Callable[[], Model]) -> Any:
        """The record of this kind that the stage made, or makes now in the transaction that notes it."""

    def noted(self) -> Mapping[str, Any] | None:
        """What `note` has noted; None before."""

    def note(self, facts: Mapping[str, Any]) -> None:
        """Note facts that JSON can hold, within the transaction of the caller."""


class InProcess:
    """The effects of a stage that runs in this process, without a row of its own."""

    in_background = False

    def __init__(self, made: dict[str, Any] | None = None):
        self.made: dict[str, Any] = {} if made is None else made

    def once(self, kind: str, make: Callable[[], Model]) -> Any:
        if kind not in self.made:
            self.made[kind] = make()
        self.made[kind].refresh_from_db()
        return self.made[kind]

    def noted(self) -> Mapping[str, Any] | None:
        return self.made.get("facts")

    def note(self, facts: Mapping[str, Any]) -> None:
        self.made["facts"] = facts
