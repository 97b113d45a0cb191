from django.core.management.base import BaseCommand, CommandError

from feedback.flagging import rescanning
from feedback.models import Deployment

TELL_EVERY = 10_000


class Command(BaseCommand):
    help = "Scan stored events and edits for injection, leakage and abuse. Flags that exist stay as they are."

    def add_arguments(self, parser):
        parser.add_argument("deployment", nargs="?", help="one deployment (default: all of them)")

    def handle(self, *, deployment, **options):
        chosen = Deployment.objects.filter(pk=deployment) if deployment else Deployment.objects.order_by("pk")
        if deployment and not chosen:
            raise CommandError(f"Deployment {deployment} does not exist.")
        for one in chosen:
            scanned = rescanning.rescan(one.pk, tell=self._tell)
            self.stdout.write(f"{one.pk}: {_done(scanned)}, {scanned.added:,} flag{_s(scanned.added)} added")

    def _tell(self, scanned):
        if (scanned.events + scanned.edits) % TELL_EVERY < rescanning.BATCH:
            self.stdout.write(f"  {_done(scanned)}")


def _done(scanned):
    events, edits = scanned.events, scanned.edits
    return f"{events:,} event{_s(events)} and {edits:,} edit{_s(edits)} scanned"


def _s(count):
    return "" if count == 1 else "s"
