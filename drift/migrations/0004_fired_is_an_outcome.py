from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drift", "0003_outcomes_of_earlier_evaluations")]
    operations = [
        migrations.AddConstraint(
            model_name="triggerevaluation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("fired", True), ("outcome", "fired")),
                    models.Q(("fired", False), models.Q(("outcome", "fired"), _negated=True)),
                    _connector="OR",
                ),
                name="trigger_evaluation_fired_is_its_outcome",
            ),
        ),
    ]
