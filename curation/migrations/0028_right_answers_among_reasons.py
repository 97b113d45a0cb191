from django.db import migrations

KEY, CODE, NAME = 9, "right_answer", "The answer is right"


def add(apps, schema_editor):
    """Unless the installation has given the key to another reason."""
    reasons = apps.get_model("curation", "DropReason").objects
    if not reasons.filter(key=KEY).exists():
        reasons.get_or_create(code=CODE, defaults={"key": KEY, "name": NAME, "is_about_the_answer": False})


class Migration(migrations.Migration):
    dependencies = [("curation", "0027_golden_sets")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
