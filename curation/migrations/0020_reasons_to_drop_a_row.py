from django.db import migrations

# Code, name, whether it says that the answer is bad. The key 9 is free.
DEFAULTS = [
    ("wrong", "Wrong", True),
    ("incomplete", "Incomplete", True),
    ("unhelpful", "Does not help", True),
    ("style", "Bad style or format", True),
    ("unsafe", "Harmful", True),
    ("duplicate", "Duplicate", False),
    ("off_topic", "Off topic", False),
    ("personal_data", "Personal data", False),
]


def add_defaults(apps, schema_editor):
    reasons = apps.get_model("curation", "DropReason").objects
    for key, (code, name, is_about_the_answer) in enumerate(DEFAULTS, start=1):
        reasons.get_or_create(
            code=code, defaults={"key": key, "name": name, "is_about_the_answer": is_about_the_answer}
        )


class Migration(migrations.Migration):
    dependencies = [("curation", "0019_drop_reasons")]

    operations = [migrations.RunPython(add_defaults, migrations.RunPython.noop)]
