import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("curation", "0012_words_of_short_rows"),
    ]

    operations = [
        migrations.AddField(
            model_name="evaluationtexts",
            name="short_texts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(blank=True),
                default=list,
                help_text="Empty where a text is not short.",
                size=None,
            ),
        ),
        migrations.RemoveConstraint(model_name="contaminatedevent", name="contaminated_event_method_valid"),
        migrations.AlterField(
            model_name="contaminatedevent",
            name="method",
            field=models.CharField(
                choices=[
                    ("normalised", "Same normalised text"),
                    ("ngram", "Word 8-gram"),
                    ("minhash", "MinHash"),
                    ("embedding", "Cosine of embeddings"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="contaminatedevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["normalised", "ngram", "minhash", "embedding"])),
                name="contaminated_event_method_valid",
            ),
        ),
    ]
