from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, make_aware

from feedback.deployments.renames import proposing
from feedback.models import Deployment


class Command(BaseCommand):
    help = "Propose the new names of tools that a deployment no longer has, and print the proposals."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        parser.add_argument(
            "--since",
            help="when the new names began; by default when the newest list without a tool of the list before was "
            "first seen, or else seven days ago",
        )
        parser.add_argument("--until", help="when the old names ended; by default --since")
        parser.add_argument("--old-list", default="", help="tools_hash of a list; with --new-list, instead of times")
        parser.add_argument("--new-list", default="", help="tools_hash of a list")

    def handle(self, *args, **options):
        deployment = options["deployment"]
        if not Deployment.objects.filter(pk=deployment).exists():
            raise CommandError(f"Deployment {deployment} does not exist.")
        times = {name: _moment(name, options[name]) for name in ("since", "until")}
        lists = {name: options[name] for name in ("old_list", "new_list")}
        try:
            proposals = proposing.propose(proposing.comparison(deployment, **times, **lists))
        except proposing.InvalidComparison as error:
            raise CommandError(str(error)) from error
        for rename in proposals:
            self.stdout.write(f"{rename.old_name} → {rename.new_name}, similarity {rename.similarity:.2f}")
        self.stdout.write(f"{len(proposals)} proposed. Nothing uses them until a person confirms them in the console.")


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
