from django.core.management.base import BaseCommand, CommandError

from exports import crucible
from feedback.ingestion.stream import BacklogFull
from feedback.management.arguments import json_object, json_value


class Command(BaseCommand):
    help = "Send what a user did with an answer, and print the id of the signal."

    def add_arguments(self, parser):
        parser.add_argument("event", help="id of the event, or its external_id with --deployment")
        parser.add_argument("type", help="such as thumbs_up, thumbs_down, edit, copy, share, regenerate or report")
        parser.add_argument("--metadata", type=json_object, help="a JSON object")
        parser.add_argument("--edited-response", help="the answer as the user changed it; of an edit")
        parser.add_argument("--value", type=json_value, help="of a rating or label, as JSON")
        parser.add_argument("--comment", help="what the user wrote")
        parser.add_argument("--deployment", help="of the event, needed if it is not stored yet")
        parser.add_argument("--user-id", help="the user who reacted; stored as a keyed hash")

    def handle(self, *, event, type, **options):
        sent = {"deployment_id": options["deployment"], "user_id": options["user_id"]}
        edited = options["edited_response"]
        if (type == "edit") != (edited is not None):
            raise CommandError("The type edit has --edited-response, and no other type has it.")
        try:
            if edited is not None:
                signal = crucible.record_user_edit(event, edited, **sent)
            else:
                facts = {name: options[name] for name in ("value", "comment")}
                signal = crucible.record_signal(event, type, options["metadata"], **facts, **sent)
        except (crucible.InvalidItem, BacklogFull) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(signal["id"])
