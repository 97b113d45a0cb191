from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("curation", "0011_splits_and_contamination"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="duplicatelink", name="duplicate_link_method_valid"),
        migrations.AlterField(
            model_name="duplicatelink",
            name="method",
            field=models.CharField(
                choices=[
                    ("exact", "Same text"),
                    ("normalised", "Same normalised text"),
                    ("minhash", "MinHash"),
                    ("words", "Words of short texts"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicatelink",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["exact", "normalised", "minhash", "words"])),
                name="duplicate_link_method_valid",
            ),
        ),
    ]
