from django.db import migrations

# Decided sets say from now on whose examples they hold; what they say to learn from stays as it was decided.
FILL = """
ALTER TABLE curation_curatedexample DISABLE TRIGGER curated_example_read_only;
UPDATE curation_curatedexample AS example SET user_hash = event.user_hash
FROM feedback_event AS event WHERE event.id = example.event_id AND event.user_hash <> '';
UPDATE curation_curatedexample AS example SET editor_hash = edit.user_hash
FROM (
    SELECT DISTINCT ON (event_id, edited_response) event_id, edited_response, user_hash FROM feedback_signal
    WHERE type = 'edit' AND user_hash <> '' AND event_id IS NOT NULL
    ORDER BY event_id, edited_response, live DESC, occurred_at DESC, id DESC
) AS edit
WHERE edit.event_id = example.event_id AND edit.edited_response = example.edited_response
    AND example.edited_response <> '';
SET CONSTRAINTS ALL IMMEDIATE; -- A table with checks still to come cannot be altered.
ALTER TABLE curation_curatedexample ENABLE TRIGGER curated_example_read_only;
"""


class Migration(migrations.Migration):
    dependencies = [("curation", "0003_people_of_examples"), ("feedback", "0002_configuration_keys_and_counts")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
