from django.db import migrations

NAMES = {
    "Embed the sample": "Embed sampled events",
    "Fold rollups": "Update rollups",
    "Sweep curated sets": "Recover stuck curated sets",
    "Sweep exports": "Recover stuck exports",
    "Sweep drift reports": "Recover stuck drift reports",
    "Go on with erasures": "Continue erasures",
    "Purge what is too old": "Delete expired events",
    "Send alerts that wait": "Send pending alerts",
    "Thin trigger history": "Thin out trigger history",
}


def rename(apps, schema_editor):
    _rename(apps, NAMES)


def restore(apps, schema_editor):
    _rename(apps, {new: old for old, new in NAMES.items()})


def _rename(apps, names):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    for old, new in names.items():
        # Names are unique: an operator's own task of that name keeps it.
        if not tasks.filter(name=new).exists():
            tasks.filter(name=old).update(name=new)


class Migration(migrations.Migration):
    dependencies = [("config", "0005_alerts_and_thinning")]
    operations = [migrations.RunPython(rename, restore)]
