from django.db import migrations


def say_which_fired(apps, schema_editor):
    apps.get_model("drift", "TriggerEvaluation").objects.filter(fired=True).update(outcome="fired")


class Migration(migrations.Migration):
    dependencies = [("drift", "0002_triggers_and_alerts")]
    operations = [migrations.RunPython(say_which_fired, migrations.RunPython.noop)]
