from django.db import migrations

NAME = "Fold rollups"


def every_minute(apps, schema_editor):
    """Pages add up what is not folded yet, so little of it should wait."""
    _change(apps, 15, 1)


def every_quarter(apps, schema_editor):
    _change(apps, 1, 15)


def _change(apps, former, minutes):
    schedules = apps.get_model("django_celery_beat", "IntervalSchedule").objects
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    interval, _ = schedules.get_or_create(every=minutes, period="minutes")
    # One that an operator has set otherwise stays.
    found = tasks.filter(name=NAME, interval__every=former, interval__period="minutes")
    found.update(interval=interval, expire_seconds=minutes * 60)


class Migration(migrations.Migration):
    dependencies = [("config", "0003_sweeps_and_expiry")]
    operations = [migrations.RunPython(every_minute, every_quarter)]
