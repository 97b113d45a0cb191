"""A real tracking server of MLflow on loopback, from an environment of its own: its pins are not those of the project.

uv venv /some/folder && uv pip install --python /some/folder mlflow
uv pip install mlflow-skinny
MLFLOW_PYTHON=/some/folder/bin/python python -m pytest tests/exports/training
"""

import importlib.util
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

START_SECONDS = 120


@contextmanager
def server(folder: Path) -> Iterator[str]:
    python = os.environ.get("MLFLOW_PYTHON")
    if python is None or importlib.util.find_spec("mlflow") is None:
        pytest.skip("mlflow is absent: tests/exports/training/tracking.py says how to install it")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    stores = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"]
    command = [python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", *stores]
    with (folder / "mlflow.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(f"http://127.0.0.1:{port}/health", process, folder)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, 15)
            process.wait()


def runs(address: str, experiment: str, status: str = "") -> list:
    from mlflow import MlflowClient  # noqa: PLC0415 - only where MLflow is installed

    client = MlflowClient(tracking_uri=address)
    found = client.get_experiment_by_name(experiment)
    runs_of = client.search_runs([found.experiment_id]) if found else []
    return [run for run in runs_of if status in ("", run.info.status)]


def _wait(address: str, process: subprocess.Popen, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            assert process.poll() is None, (folder / "mlflow.log").read_text()
            assert time.monotonic() < deadline, (folder / "mlflow.log").read_text()
            time.sleep(0.2)
