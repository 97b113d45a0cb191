"""What every process of this project has in common."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("given", "threads"), [({}, 1), ({"OPENBLAS_NUM_THREADS": "4"}, 4)])
def test_a_process_uses_one_thread_of_linear_algebra_unless_it_is_told_otherwise(given, threads):
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    asked = "import config, numpy, os; print(len(os.listdir('/proc/self/task')))"

    found = subprocess.run(
        [sys.executable, "-c", asked], env=environment | given, capture_output=True, text=True, check=True
    )

    assert int(found.stdout) == min(threads, os.cpu_count())
