"""A trainer that takes its runs from an MLflow tracking server. Needs the package mlflow-skinny."""

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

from exports.choices import RunStatus
from exports.training.adapters.base import HandOff, Observed, TrainerFailed
from feedback import exact_json

RUN_ID, DEPLOYMENT, EXPORT_ID, DATASET_URL, REPORT_URL = (
    f"crucible.{name}" for name in ("run_id", "deployment", "export_id", "dataset_url", "report_url")
)
MODEL_VERSION = "model_version"
MAX_PARAMETER_CHARACTERS = 6_000
# MLflow's own names. A run is SCHEDULED until its trainer takes it.
_STATUS = {
    "SCHEDULED": RunStatus.PENDING,
    "RUNNING": RunStatus.RUNNING,
    "FINISHED": RunStatus.COMPLETED,
    "FAILED": RunStatus.FAILED,
    "KILLED": RunStatus.CANCELLED,
}


class MlflowAdapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tracking_uri: str
    experiment: str = "crucible-feedback"

    is_supervised: ClassVar[bool] = False

    def validate(self) -> Iterator[str]:
        if importlib.util.find_spec("mlflow") is None:
            yield "mlflow is not installed: install crucible-feedback[mlflow] for web and workers."
        if urlsplit(self.tracking_uri).scheme not in ("http", "https"):
            yield "tracking_uri: write the address of a tracking server, http:// or https://."

    def start(self, hand_off: HandOff) -> Observed:
        """Create a run with the configuration as parameters and the manifest as artifact, unless it is there."""
        with _readable_errors(self.tracking_uri):
            client = self._client()
            experiment = self._experiment(client)
            found = self._found(client, hand_off)
            run = found or client.create_run(experiment, tags=_tags(hand_off), run_name=f"crucible-{hand_off.run_id}")
            run_id = run.info.run_id
            for name, value in hand_off.config.items():
                if value is not None and name not in run.data.params:
                    client.log_param(run_id, name, _as_text(value))
            if hand_off.dataset is not None:
                client.log_dict(run_id, dict(hand_off.dataset.manifest), "manifest.json")
            if found is None:
                client.update_run(run_id, status="SCHEDULED")
        return Observed(RunStatus.PENDING, external_url=self._page(experiment, run_id))

    def poll(self, hand_off: HandOff) -> Observed | None:
        with _readable_errors(self.tracking_uri):
            run = self._found(self._client(), hand_off)
        if run is None:
            return Observed(RunStatus.FAILED, error=f"The run is no longer at {self.tracking_uri}.")
        status = _STATUS[run.info.status]
        version = run.data.tags.get(MODEL_VERSION) or run.data.params.get(MODEL_VERSION, "")
        page = self._page(run.info.experiment_id, run.info.run_id)
        error = f"MLflow reports the run as {run.info.status}." if status == RunStatus.FAILED else ""
        return Observed(status, metrics=dict(run.data.metrics), model_version=version, error=error, external_url=page)

    def cancel(self, hand_off: HandOff) -> None:
        with _readable_errors(self.tracking_uri):
            client = self._client()
            run = self._found(client, hand_off)
            if run is not None and run.info.status in ("SCHEDULED", "RUNNING"):
                client.set_terminated(run.info.run_id, status="KILLED")

    def _client(self):
        # A call that fails is repeated by its row, not in here for minutes.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
        from mlflow import MlflowClient  # noqa: PLC0415 - an optional package, which takes a second to load

        return MlflowClient(tracking_uri=self.tracking_uri)

    def _experiment(self, client) -> str:
        found = client.get_experiment_by_name(self.experiment)
        return found.experiment_id if found else client.create_experiment(self.experiment)

    def _found(self, client, hand_off: HandOff):
        """The run of MLflow with the tag of this run, or None."""
        experiment = client.get_experiment_by_name(self.experiment)
        if experiment is None:
            return None
        wanted = f"tags.`{RUN_ID}` = '{_identity(hand_off)}'"
        return next(iter(client.search_runs([experiment.experiment_id], wanted, max_results=1)), None)

    def _page(self, experiment_id: str, run_id: str) -> str:
        return f"{self.tracking_uri.rstrip('/')}/#/experiments/{experiment_id}/runs/{run_id}"


def _identity(hand_off: HandOff) -> str:
    """The address of the run: two installations may share a tracking server."""
    return hand_off.report_url


def _tags(hand_off: HandOff) -> dict[str, str]:
    tags = {RUN_ID: _identity(hand_off), DEPLOYMENT: hand_off.deployment, REPORT_URL: hand_off.report_url}
    if hand_off.dataset is not None:
        tags |= {EXPORT_ID: str(hand_off.dataset.export_id), DATASET_URL: hand_off.dataset.url}
    return tags


def _as_text(value) -> str:
    text = value if isinstance(value, str) else exact_json.encode(value).decode()
    return text[:MAX_PARAMETER_CHARACTERS]


@contextmanager
def _readable_errors(address: str) -> Iterator[None]:
    from mlflow.exceptions import MlflowException, RestException  # noqa: PLC0415

    try:
        yield
    except RestException as error:
        is_temporary = error.get_http_status_code() >= 500
        raise TrainerFailed(f"{address} responded with {error.error_code}.", is_temporary=is_temporary) from error
    except (MlflowException, OSError) as error:
        raise TrainerFailed(f"{address} cannot be reached: {type(error).__name__}.", is_temporary=True) from error
