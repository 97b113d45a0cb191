from django.core.management.base import BaseCommand, CommandError

from drift import triggers
from feedback.models import Deployment


class Command(BaseCommand):
    help = "Evaluate the retraining triggers of a deployment now, keep the evaluations and print them."

    def add_arguments(self, parser):
        parser.add_argument("deployment")

    def handle(self, *args, **options):
        deployment = options["deployment"]
        if not Deployment.objects.filter(pk=deployment).exists():
            raise CommandError(f"There is no deployment {deployment}.")
        for evaluation in triggers.check(deployment):
            state = "fired" if evaluation.fired else "quiet"
            self.stdout.write(f"{evaluation.name:<16} {state:<6} {evaluation.reason}")
