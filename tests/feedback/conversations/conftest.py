import gc
import time

import pytest


def _seconds(run, size):
    started = time.process_time()
    run(size)
    return time.process_time() - started


@pytest.fixture
def assert_linear():
    """Asserts that eight times the input takes no more than about eight times as long; a square would take 64 times."""

    def check(run, size):
        # A collection takes as long as the whole process is large.
        gc.collect()
        gc.disable()
        try:
            small = min(_seconds(run, size) for _ in range(3))
            large = min(_seconds(run, 8 * size) for _ in range(3))
        finally:
            gc.enable()

        assert large < 24 * small + 0.02

    return check
