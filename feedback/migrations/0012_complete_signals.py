from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Columns with defaults in the database, so that no table is written anew and earlier writers go on."""

    dependencies = [("feedback", "0011_help_texts")]

    operations = [
        migrations.AddField(
            "deployment",
            "rating_minimum",
            models.FloatField(blank=True, help_text="The lowest rating that users can give.", null=True),
        ),
        migrations.AddField(
            "deployment",
            "rating_maximum",
            models.FloatField(
                blank=True,
                help_text="The highest rating. Without a scale ratings are stored and shown, and decide nothing.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            "deployment",
            models.CheckConstraint(
                name="deployment_rating_scale_valid",
                condition=Q(rating_minimum__isnull=True, rating_maximum__isnull=True)
                | Q(rating_minimum__lt=models.F("rating_maximum")),
            ),
        ),
        migrations.RemoveConstraint("signal", "signal_has_a_target"),
        migrations.RemoveConstraint("signal", "signal_edit_has_text"),
        migrations.AddField(
            "signal", "session_hash", models.CharField(blank=True, db_default="", default="", max_length=64)
        ),
        migrations.AddField("signal", "name", models.CharField(blank=True, db_default="", default="", max_length=64)),
        migrations.AddField("signal", "message_index", models.IntegerField(null=True)),
        migrations.AddField("signal", "retracted", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("signal", "prompted", models.BooleanField(null=True)),
        migrations.AddField(
            "signal", "key_prefix", models.CharField(blank=True, db_default="", default="", max_length=16)
        ),
        migrations.AddField("signal", "through_public_key", models.BooleanField(db_default=False, default=False)),
        migrations.AlterField("signal", "slot", models.CharField(max_length=100)),
        AddConstraintNotValid(
            "signal",
            models.CheckConstraint(
                name="signal_names_its_target",
                condition=Q(event_id__isnull=False) | ~Q(external_id="") | ~Q(session_hash=""),
            ),
        ),
        AddConstraintNotValid(
            "signal",
            models.CheckConstraint(
                name="signal_edit_holds_text",
                condition=~Q(type="edit") | ~Q(edited_response="") | Q(content_dropped=True) | Q(retracted=True),
            ),
        ),
    ]
