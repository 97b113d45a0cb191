"""What a trainer adapter does, and what it is handed. docs/training.md describes it for adapters of other packages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from exports.choices import RunStatus

MOST_URL_CHARACTERS = 2048


class TrainerFailed(Exception):
    """A call that the trainer did not take; `is_temporary`: whether a later attempt may succeed."""

    def __init__(self, message: str, *, is_temporary: bool):
        super().__init__(message)
        self.is_temporary = is_temporary


@dataclass(frozen=True)
class DatasetFile:
    """A file of the export. local_path: "" where EXPORT_URL is no folder."""

    path: str
    sha256: str
    bytes: int
    local_path: str = ""


@dataclass(frozen=True)
class Dataset:
    """The export to train on. url: gives the file, or a .zip of the folder, to a request with the key."""

    export_id: int
    format: str
    rows: int
    sha256: str
    url: str
    manifest_url: str
    files: tuple[DatasetFile, ...]
    manifest: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class HandOff:
    """A training run as its trainer gets it.

    config: an IR Training.Config. report_url: takes reports by PATCH with the key. key: "" except for `start`.
    """

    run_id: int
    deployment: str
    config: Mapping[str, Any]
    dataset: Dataset | None
    report_url: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Observed:
    """What is known of a run: how it stands, and facts that were not known before."""

    status: RunStatus
    metrics: Mapping[str, float] = field(default_factory=dict)
    epoch: int | None = None
    model_version: str = ""
    error: str = ""
    external_url: str = ""
    process_id: int | None = None
    process_started: int | None = None
    exit_code: int | None = None

    @property
    def page(self) -> str:
        """external_url as a run can hold it."""
        return self.external_url.replace("\0", "")[:MOST_URL_CHARACTERS]


class Adapter(Protocol):
    """Hands runs to one trainer. Made of the other keys of its entry in TRAINERS, as keyword arguments.

    is_supervised: `run_trainers` makes the calls, on the machine where it runs; otherwise any worker does.
    """

    is_supervised: bool

    def validate(self) -> Iterable[str]:
        """What is wrong with the settings, without a network."""

    def start(self, hand_off: HandOff) -> Observed:
        """Hand the run over. Repeating it for the same run starts nothing more. Raises TrainerFailed."""

    def poll(self, hand_off: HandOff) -> Observed | None:
        """How the run stands, or None if the trainer reports by itself. Raises TrainerFailed."""

    def cancel(self, hand_off: HandOff) -> None:
        """Ask the trainer to stop; a run that is unknown or over is no error. Raises TrainerFailed."""
