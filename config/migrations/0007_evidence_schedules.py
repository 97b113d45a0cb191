from django.db import migrations

SCHEDULES = [
    ("Update evidence", "feedback.tasks.fill_evidence", 1, "minutes", 60),
    ("Fit votes", "feedback.tasks.fit_evidence", 1, "hours", 3_600),
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
    dependencies = [("config", "0006_plain_schedule_names")]
    operations = [migrations.RunPython(create_schedules, remove_schedules)]
