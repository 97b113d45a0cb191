from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, make_aware

from feedback.access.acting import NoActingUser, acting_user
from feedback.models import Deployment
from feedback.reassessing import requesting, running


class Command(BaseCommand):
    help = "Score events of a deployment again, by its profile or another, and count them again."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        parser.add_argument("--from", dest="start", help="events from this time on, in ISO 8601 (default: all)")
        parser.add_argument("--to", dest="end", help="events before this time (default: now)")
        parser.add_argument("--model-version", default="", help="events of this model version alone")
        parser.add_argument(
            "--profile", default="", help="default, crucible, or a version (default: that of the deployment)"
        )
        parser.add_argument("--user", help="user who starts it (default: the first active superuser)")

    def handle(self, *, deployment, start, end, model_version, profile, user, **options):
        try:
            job = requesting.request(
                deployment,
                by=acting_user(user),
                start=_moment("from", start),
                end=_moment("to", end),
                model_version_id=model_version,
                profile=profile,
            )
        except Deployment.DoesNotExist as error:
            raise CommandError(f"There is no deployment {deployment}.") from error
        except (
            NoActingUser,
            PermissionDenied,
            requesting.InvalidReassessment,
            requesting.ReassessmentNotAllowed,
        ) as error:
            raise CommandError(str(error)) from error
        running.run(job.pk)
        job.refresh_from_db()
        self.stdout.write(describe(job))
        if job.error:
            raise CommandError(job.error)


def describe(job):
    if job.is_unfinished:
        return f"{job} by {job.version}: a worker took it, {job.done:,} events so far. Its page shows how far it is."
    said = f"{job} by {job.version}: {job.status}, {job.scored:,} scored, {job.dropped:,} skipped without texts"
    if job.mean_before is None:
        return f"{said}."
    return f"{said}; mean {job.mean_before:.3f} before, {job.mean_after:.3f} after (n = {job.compared:,})."


def _moment(name, text):
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"--{name}: not a time in ISO 8601: {text}")
    return moment if is_aware(moment) else make_aware(moment)
