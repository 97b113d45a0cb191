from datetime import UTC, datetime

from django.core.management.base import BaseCommand, CommandError

from feedback.models import Deployment
from feedback.rollups import rebuilding

SHOWN_DIFFERENCES = 50


class Command(BaseCommand):
    help = "Rebuild rollups from the stored events and print the differences."

    def add_arguments(self, parser):
        parser.add_argument("--deployment", help="one deployment (default: all of them)")
        parser.add_argument("--from", dest="start", help="first hour, as 2026-05-04 or 2026-05-04T12:00 (UTC)")
        parser.add_argument("--to", dest="end", help="end (exclusive), in the same format")
        parser.add_argument("--check", action="store_true", help="change nothing; fail if anything differs")

    def handle(self, *, deployment, start, end, check, **options):
        start, end = _moment(start, "--from"), _moment(end, "--to")
        chosen = Deployment.objects.filter(pk=deployment) if deployment else Deployment.objects.order_by("pk")
        if deployment and not chosen:
            raise CommandError(f"Deployment {deployment} does not exist.")
        differences = unsettled = 0
        for one in chosen:
            outcome = rebuilding.rebuild(one, start, end, is_check=check)
            self._print(one, outcome, check)
            differences, unsettled = differences + len(outcome.differences), unsettled + len(outcome.unsettled)
        if unsettled:
            raise CommandError("Some hours were being written to throughout. Run this again when they are over.")
        if differences and check:
            raise CommandError("The rollups differ from the events. Run without --check to correct them.")

    def _print(self, deployment, outcome, check):
        verb = "differ" if check else "differed and were corrected"
        self.stdout.write(f"{deployment}: {outcome.hours:,} hours, {len(outcome.differences):,} rows {verb}")
        for found in outcome.differences[:SHOWN_DIFFERENCES]:
            names = (found.model_version_id or "no version", found.prompt_version, found.segment, found.assessor)
            about = ", ".join(name for name in (*names, f"measure {found.measure_version}") if name)
            self.stdout.write(
                f"  {found.bucket} {found.start_at:%Y-%m-%d %H:%M} {found.metric} ({about}):"
                f" {found.held:,} in rollups, {found.counted:,} in events"
            )
        if len(outcome.differences) > SHOWN_DIFFERENCES:
            self.stdout.write(f"  and {len(outcome.differences) - SHOWN_DIFFERENCES:,} more")
        for at in outcome.unsettled:
            self.stdout.write(f"  hour {at:%Y-%m-%d %H:%M} was being written to and was skipped")


def _moment(text, option):
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option}: {text} is not a date or a time such as 2026-05-04T12:00.") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
