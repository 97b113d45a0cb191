from django.db import migrations

SCHEDULES = [
    ("Go on with erasures", "exports.tasks.sweep_erasures", 1, "minutes"),
    ("Purge what is too old", "feedback.tasks.purge_expired", 1, "hours"),
]


def create_schedules(apps, schema_editor):
    schedules = apps.get_model("django_celery_beat", "IntervalSchedule").objects
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    for name, task, every, period in SCHEDULES:
        interval, _ = schedules.get_or_create(every=every, period=period)
        tasks.get_or_create(name=name, defaults={"task": task, "interval": interval})


def remove_schedules(apps, schema_editor):
    names = [name for name, *_ in SCHEDULES]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [("config", "0001_schedules")]
    operations = [migrations.RunPython(create_schedules, remove_schedules)]
