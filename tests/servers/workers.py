"""Runs Celery tasks where they are queued."""

from contextlib import contextmanager

from config.celery import app


@contextmanager
def tasks_run_at_once():
    """Within this block a queued task runs in this process, and its error is raised here."""
    before = app.conf.task_always_eager, app.conf.task_eager_propagates
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    try:
        yield
    finally:
        app.conf.task_always_eager, app.conf.task_eager_propagates = before
