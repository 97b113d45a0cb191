import inspect
import shlex
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.cache import cache
from django_celery_beat.models import PeriodicTask

from config.celery import app as celery
from config.embedded.running.programs import application_programs
from config.jobs import queues
from feedback.jobs import leases

ROOT = Path(__file__).resolve().parents[3]
celery.loader.import_default_modules()
TASKS = sorted(name for name in celery.tasks if not name.startswith("celery."))


def queue_of(name):
    return celery.amqp.router.route({}, name)["queue"].name


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_queue(name):
    assert [pattern for pattern in queues.ROUTES if fnmatch(name, pattern)]
    assert queue_of(name) in queues.PURPOSES


def test_long_jobs_of_each_kind_have_their_own_queue():
    assert queue_of("drift.tasks.detect_drift") == "drift"
    assert queue_of("curation.tasks.build_curated_set") == "curation"
    assert queue_of("exports.tasks.write_export") == "export"
    assert {queue_of(f"{room}.tasks.sweep") for room in ("drift", "curation")} == {"ingest"}
    assert queue_of("config.tasks.heartbeat") == "ingest"


def test_every_pattern_matches_a_task():
    assert [pattern for pattern in queues.ROUTES if not any(fnmatch(name, pattern) for name in TASKS)] == []


def _taken(command):
    words = shlex.split(command) if isinstance(command, str) else command
    return words[words.index("--queues") + 1].split(",") if "worker" in words else []


def test_every_queue_has_one_kind_of_worker_in_up_and_in_production():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    embedded = [name for program in application_programs(8_000) for name in _taken(program.command)]
    composed = {
        service: _taken(facts["command"]) for service, facts in services.items() if _taken(facts.get("command", ""))
    }

    assert sorted(embedded) == sorted(queues.PURPOSES)
    assert composed == {f"worker-{name}": [name] for name in queues.PURPOSES}


def test_a_misspelt_queue_is_an_error():
    with pytest.raises(KeyError):
        celery.amqp.router.queues["exprot"]


def test_a_task_that_runs_is_never_delivered_elsewhere_because_of_its_length():
    visible_again = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]

    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT < visible_again
    assert {celery.tasks[name].time_limit for name in TASKS} == {settings.CELERY_TASK_TIME_LIMIT}
    assert (settings.CELERY_TASK_ACKS_LATE, settings.CELERY_TASK_REJECT_ON_WORKER_LOST) == (True, True)
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", TASKS)
def test_a_task_delivered_again_while_running_does_nothing(name, django_assert_num_queries):
    arguments = ["7"] * len(inspect.signature(celery.tasks[name].run).parameters)

    # The one query finds the lease taken.
    with leases.held(name, " ".join(arguments)), django_assert_num_queries(1):
        assert celery.tasks[name].apply(arguments, throw=True).result is None


@pytest.mark.django_db
@pytest.mark.parametrize("is_running", [False, True])
def test_a_task_runs_unless_it_is_already_running(settings, is_running):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    name = "config.tasks.heartbeat"

    with leases.held(name if is_running else "another", ""):
        celery.tasks[name].apply(throw=True)

    assert (cache.get("beat:heartbeat") is None) is is_running


@pytest.mark.django_db
def test_schedules_have_plain_names_existing_tasks_and_an_expiry():
    scheduled = PeriodicTask.objects.exclude(name__startswith="celery.")

    assert sorted(set(scheduled.values_list("task", flat=True)) - set(TASKS)) == []
    assert sorted(scheduled.filter(expire_seconds__isnull=True).values_list("name", flat=True)) == []
    assert sorted(scheduled.values_list("name", flat=True)) == [
        "Check triggers",
        "Continue erasures",
        "Continue pipelines",
        "Curate drafts",
        "Delete expired events",
        "Detect drift",
        "Embed sampled events",
        "Fit votes",
        "Heartbeat",
        "Look at live comparisons",
        "Mark changes of approved sets",
        "Measure repeated answers",
        "Recover stuck curated sets",
        "Recover stuck drift reports",
        "Recover stuck exports",
        "Recover stuck recounts of feedback",
        "Run judges",
        "Send pending alerts",
        "Start and observe training runs",
        "Start sets of triggers",
        "Thin out trigger history",
        "Update evidence",
        "Update rollups",
    ]
    assert scheduled.get(name="Heartbeat").expire_seconds == 60
    assert scheduled.get(name="Detect drift").expire_seconds == 3_600
