"""Has the live signals of before counted by value and state, and remembers which events have no experiment yet."""

from django.db import migrations
from django.utils import timezone


def count_again(apps, schema_editor):
    now = timezone.now()
    deployments = apps.get_model("feedback", "Deployment").objects
    deployments.update(experiments_since=now)
    recounts = apps.get_model("feedback", "FeedbackRecount").objects
    # The sweep queues them.
    recounts.bulk_create(
        [recounts.model(deployment_id=name, requested_at=now) for name in deployments.values_list("pk", flat=True)]
    )


class Migration(migrations.Migration):
    dependencies = [("feedback", "0027_feedback_recounts")]
    operations = [migrations.RunPython(count_again, migrations.RunPython.noop)]
