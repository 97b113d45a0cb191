from django.db import migrations, models

from feedback import exact_json


class Migration(migrations.Migration):
    dependencies = [("curation", "0005_numbers_of_messages_of_any_size")]

    operations = [
        migrations.AddField(
            "curatedexample",
            "response_message",
            models.JSONField(decoder=exact_json.Decoder, encoder=exact_json.Encoder, null=True),
        ),
    ]
