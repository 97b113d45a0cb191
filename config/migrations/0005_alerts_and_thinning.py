from django.db import migrations

SCHEDULES = [
    ("Send alerts that wait", "drift.tasks.send_due_alerts", 1, "minutes", 60),
    ("Thin trigger history", "drift.tasks.thin_trigger_history", 24, "hours", 86_400),
]


def create_schedules(apps, schema_editor):
    schedules = apps.get_model("django_celery_beat", "IntervalSchedule").objects
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    for name, task, every, period, seconds in SCHEDULES:
        interval, _ = schedules.get_or_create(every=every, period=period)
        tasks.get_or_create(name=name, defaults={"task": task, "interval": interval, "expire_seconds": seconds})


def remove_schedules(apps, schema_editor):
    names = [name for name, *_ in SCHEDULES]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [("config", "0004_rollups_every_minute")]
    operations = [migrations.RunPython(create_schedules, remove_schedules)]
