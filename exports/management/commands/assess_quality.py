from django.core.management.base import BaseCommand, CommandError

from exports import crucible
from feedback import exact_json
from feedback.management.arguments import json_object
from feedback.quality.profiles import PROFILES


class Command(BaseCommand):
    help = "Score one answer and print the checks as JSON. Nothing is stored."

    def add_arguments(self, parser):
        parser.add_argument("event", type=json_object, help="""JSON such as '{"response": "Open the settings."}'""")
        parser.add_argument("--profile", choices=[*PROFILES], default="default")

    def handle(self, *, event, profile, **options):
        try:
            found = crucible.assess_quality(event, profile=profile)
        except crucible.InvalidItem as error:
            raise CommandError(str(error)) from error
        self.stdout.write(exact_json.encode(found).decode())
