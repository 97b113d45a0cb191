from django.core.management.base import BaseCommand, CommandError

from exports import crucible
from feedback.ingestion.delivery import NoWriter
from feedback.ingestion.stream import BacklogFull
from feedback.management.arguments import json_object


class Command(BaseCommand):
    help = "Send one event and print its id."

    def add_arguments(self, parser):
        parser.add_argument("event", type=json_object, help="the event as JSON, with the fields of POST events")
        parser.add_argument("--wait", action="store_true", help="return when the event is stored")

    def handle(self, *, event, wait, **options):
        try:
            self.stdout.write(crucible.log_inference(event, wait=wait))
        except (crucible.InvalidItem, BacklogFull, NoWriter) as error:
            raise CommandError(str(error)) from error
