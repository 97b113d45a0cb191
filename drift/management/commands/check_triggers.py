from django.core.management.base import BaseCommand, CommandError

from drift.choices import CheckSource
from drift.triggers import checking
from feedback.models import Deployment


class Command(BaseCommand):
    help = "Evaluate the retraining triggers of a deployment now, store the evaluations and print them."

    def add_arguments(self, parser):
        parser.add_argument("deployment")

    def handle(self, *args, **options):
        deployment = options["deployment"]
        if not Deployment.objects.filter(pk=deployment).exists():
            raise CommandError(f"Deployment {deployment} does not exist.")
        for evaluation in checking.check(deployment, source=CheckSource.COMMAND):
            self.stdout.write(f"{evaluation.name:<16} {evaluation.outcome:<8} {evaluation.reason}")
