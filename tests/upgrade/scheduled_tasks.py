"""Tasks of the schedule, run as they stand in an installation's database."""

import json

from tests.servers.installation import Installation

RUN = """
from celery import current_app
from django_celery_beat.models import PeriodicTask
current_app.loader.import_default_modules()
for name in {names!r}:
    current_app.tasks[PeriodicTask.objects.get(task__endswith="." + name).task]()
"""
UNKNOWN = """
import json
from celery import current_app
from django_celery_beat.models import PeriodicTask
current_app.loader.import_default_modules()
names = PeriodicTask.objects.values_list("task", flat=True)
print(json.dumps([name for name in names if name not in current_app.tasks]))
"""


def run_scheduled(installation: Installation, *names: str) -> None:
    """Run these tasks at once; names: the last parts of their dotted names."""
    installation.manage("shell", "--no-imports", "--command", RUN.format(names=names))


def unknown_tasks(installation: Installation) -> list[str]:
    """The tasks that the schedule names and no worker knows."""
    return json.loads(installation.manage("shell", "--no-imports", "--command", UNKNOWN).splitlines()[-1])
