from django.db import migrations

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
NEW = ("Sweep drift reports", "drift.tasks.sweep")
SWEEP_SETS = "Sweep curated sets"
SHORTEST_SECONDS = 60


def add_sweep_and_expiry(apps, schema_editor):
    """A task that waits longer than its interval is dropped, or a queue without a worker would fill with copies."""
    schedules = apps.get_model("django_celery_beat", "IntervalSchedule").objects
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    two_minutes, _ = schedules.get_or_create(every=2, period="minutes")
    tasks.get_or_create(name=NEW[0], defaults={"task": NEW[1], "interval": two_minutes})
    # One that an operator has set otherwise stays.
    tasks.filter(name=SWEEP_SETS, interval__every=15, interval__period="minutes").update(interval=two_minutes)
    for task in tasks.filter(expire_seconds__isnull=True, expires__isnull=True, interval__isnull=False):
        seconds = task.interval.every * SECONDS[task.interval.period]
        tasks.filter(pk=task.pk).update(expire_seconds=max(seconds, SHORTEST_SECONDS))


def remove_sweep_and_expiry(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.filter(name=NEW[0]).delete()
    tasks.update(expire_seconds=None)


class Migration(migrations.Migration):
    dependencies = [("config", "0002_erasure_and_retention_schedules")]
    operations = [migrations.RunPython(add_sweep_and_expiry, remove_sweep_and_expiry)]
