from django.core.management.base import BaseCommand, CommandError

from feedback.evidence.keeping import checking
from feedback.models import Deployment

SHOWN_EVENTS = 20


class Command(BaseCommand):
    help = "Compute the evidence about events again from their signals and gold scores, and fit the votes."

    def add_arguments(self, parser):
        parser.add_argument("--deployment", help="one deployment (default: all of them)")
        parser.add_argument("--check", action="store_true", help="change nothing; fail if anything differs")

    def handle(self, *, deployment, check, **options):
        chosen = Deployment.objects.filter(pk=deployment) if deployment else Deployment.objects.order_by("pk")
        if deployment and not chosen:
            raise CommandError(f"Deployment {deployment} does not exist.")
        differing = 0
        for one in chosen:
            compared = checking.rebuild(one.pk, is_check=check)
            differing += len(compared.differing)
            self._print(one, compared, check)
        if differing:
            raise CommandError("The evidence differs from the signals. Run without --check to correct it.")

    def _print(self, deployment, compared, check):
        differing = f", {len(compared.differing):,} differ" if check else ""
        self.stdout.write(f"{deployment}: evidence of {compared.events:,} events{differing}")
        for event_id in compared.differing[:SHOWN_EVENTS]:
            self.stdout.write(f"  event {event_id}")
        if len(compared.differing) > SHOWN_EVENTS:
            self.stdout.write(f"  and {len(compared.differing) - SHOWN_EVENTS:,} more")
