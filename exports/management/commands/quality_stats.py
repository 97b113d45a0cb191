import json

from django.core.management.base import BaseCommand, CommandError

from exports import crucible
from feedback.models import Deployment


class Command(BaseCommand):
    help = "Print the rolling average of quality of a deployment as JSON."

    def add_arguments(self, parser):
        parser.add_argument("deployment")

    def handle(self, *, deployment, **options):
        try:
            self.stdout.write(json.dumps(crucible.get_quality_stats(deployment)))
        except Deployment.DoesNotExist as error:
            raise CommandError(f"There is no deployment {deployment}.") from error
