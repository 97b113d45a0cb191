import json

from django.core.management.base import BaseCommand

from exports import crucible


class Command(BaseCommand):
    help = "Print the newest drift reports of a deployment, one JSON object on each line."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        parser.add_argument("--limit", type=int, default=100, help="reports at most (default: 100)")

    def handle(self, *, deployment, limit, **options):
        for report in crucible.get_drift_history(deployment, limit=max(limit, 0)):
            self.stdout.write(json.dumps(report))
