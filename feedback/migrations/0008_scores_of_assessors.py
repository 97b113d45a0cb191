from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

LABEL_FORM = "^[a-z0-9_.:-]{1,64}$"


class Migration(migrations.Migration):
    """Columns with defaults in the database, so that no table is written anew and earlier writers go on."""

    dependencies = [("feedback", "0007_unread_times_removed")]

    operations = [
        migrations.CreateModel(
            name="ScoreClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("replaced", models.JSONField()),
                ("stored", models.JSONField()),
                ("claimed_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RemoveConstraint(model_name="qualityscore", name="quality_score_assessor_valid"),
        migrations.AlterField(model_name="qualityscore", name="assessor", field=models.CharField(max_length=64)),
        migrations.AlterField(model_name="qualityscore", name="profile", field=models.CharField(max_length=64)),
        migrations.AddField(
            model_name="qualityscore", name="name", field=models.CharField(db_default="quality", max_length=64)
        ),
        migrations.AddField(model_name="qualityscore", name="raw", field=models.FloatField(null=True)),
        migrations.AddField(model_name="qualityscore", name="minimum", field=models.FloatField(db_default=0.0)),
        migrations.AddField(model_name="qualityscore", name="maximum", field=models.FloatField(db_default=1.0)),
        migrations.AddField(
            model_name="qualityscore",
            name="version",
            field=models.CharField(blank=True, db_default="", max_length=100),
        ),
        AddConstraintNotValid(
            model_name="qualityscore",
            constraint=models.CheckConstraint(
                condition=models.Q(("assessor__regex", LABEL_FORM), ("name__regex", LABEL_FORM)),
                name="quality_score_names_valid",
            ),
        ),
        AddConstraintNotValid(
            model_name="qualityscore",
            constraint=models.CheckConstraint(
                condition=models.Q(("minimum__lt", models.F("maximum"))), name="quality_score_has_a_range"
            ),
        ),
        migrations.AlterField(model_name="rollup", name="metric", field=models.CharField(max_length=160)),
        migrations.AddField(
            model_name="rollup", name="assessor", field=models.CharField(blank=True, db_default="", max_length=64)
        ),
        migrations.AddField(
            model_name="rollup", name="measure_version", field=models.CharField(db_default="1", max_length=100)
        ),
    ]
