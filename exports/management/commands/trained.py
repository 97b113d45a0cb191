from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from exports.models import ExportBatch
from exports.training import completing, runs
from feedback.access.acting import NoActingUser, acting_user
from feedback.models import Deployment


class Command(BaseCommand):
    help = "Record that a training used the data of a deployment, so that triggers count again from there."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        parser.add_argument(
            "--export", type=int, help="number of the published export that it used (default: all data)"
        )
        parser.add_argument("--model-version", default="", help="the version that it made, as its events will name it")
        parser.add_argument("--user", help="user who records it (default: the first active superuser)")

    def handle(self, *, deployment, export, model_version, user, **options):
        if not Deployment.objects.filter(pk=deployment).exists():
            raise CommandError(f"There is no deployment {deployment}.")
        batch = ExportBatch.objects.select_related("curated_set").filter(pk=export).first()
        if export is not None and batch is None:
            raise CommandError(f"There is no export {export}.")
        try:
            by = acting_user(user)
            run, is_new = completing.record(deployment, by=by, batch=batch, model_version_id=model_version)
        except (NoActingUser, PermissionDenied, runs.RunNotAllowed) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{run}{'' if is_new else ' was recorded before'}: {describe(run)}")


def describe(run):
    used = f"data up to {run.mark.marked_at:%Y-%m-%d %H:%M} UTC, {run.mark.events_before:,} events"
    pinned = f"baseline training version {run.baseline.version}" if run.baseline else "no events to pin"
    return f"{used}; {pinned}; {run.firings_handed_off} firings handed off."
