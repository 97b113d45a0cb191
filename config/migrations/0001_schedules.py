from django.db import migrations

SECONDS, MINUTES, HOURS = "seconds", "minutes", "hours"
SCHEDULES = [
    ("Heartbeat", "config.tasks.heartbeat", 15, SECONDS),
    ("Embed the sample", "feedback.tasks.embed_sample", 1, MINUTES),
    ("Fold rollups", "feedback.tasks.fold_rollups", 15, MINUTES),
    ("Detect drift", "drift.tasks.detect_all_drift", 1, HOURS),
    ("Check triggers", "drift.tasks.check_all_triggers", 1, HOURS),
    ("Curate drafts", "curation.tasks.curate_all", 24, HOURS),
    ("Sweep curated sets", "curation.tasks.sweep", 15, MINUTES),
    ("Sweep exports", "exports.tasks.sweep", 2, MINUTES),
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
    dependencies = [("django_celery_beat", "0019_alter_periodictasks_options")]
    operations = [migrations.RunPython(create_schedules, remove_schedules)]
