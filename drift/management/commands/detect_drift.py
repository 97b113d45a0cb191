import argparse
import json

from django.core.management.base import BaseCommand, CommandError

from drift.choices import Profile, ReportStatus
from drift.reading.references import UnknownSegment
from drift.reports import detection, lifecycle
from drift.serializers.reports import DriftRequestSerializer
from drift.windows.window import InvalidWindow
from feedback.management.arguments import json_value
from feedback.models import Deployment

LARGEST_SEED = 2**63 - 1


def _seed(text):
    if not text.isdecimal() or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {LARGEST_SEED}, not {text}")
    return int(text)


class Command(BaseCommand):
    OPTIONS = ("reference", "current", "window_size", "segments", "profile")
    help = "Compare two windows of a deployment now, store the report and print it."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        window = 'a window as JSON, such as \'{"last_events": 500, "skip": 500}\' or \'{"model_version_id": "v2"}\''
        parser.add_argument(
            "--reference", type=json_value, help=f"{window}; by default the events before the current window"
        )
        parser.add_argument("--current", type=json_value, help=f"{window}; by default the newest events")
        parser.add_argument(
            "--window-size",
            type=int,
            help="instead of both windows: compare this many of the newest events with as many just before them",
        )
        split = (
            "also compare within these segments: model_version_id, prompt_version, or a segment key of the deployment"
        )
        parser.add_argument("--segments", nargs="+", default=[], help=split)
        parser.add_argument("--profile", choices=Profile.values, default=Profile.STANDARD)
        parser.add_argument("--seed", type=_seed, default=0, help="seed of the permutation tests; stored in the report")

    def handle(self, *args, **options):
        deployment = options["deployment"]
        if not Deployment.objects.filter(pk=deployment).exists():
            raise CommandError(f"Deployment {deployment} does not exist.")
        asked = DriftRequestSerializer(data={name: options[name] for name in self.OPTIONS if options[name] is not None})
        if not asked.is_valid():
            raise CommandError(json.dumps(asked.errors))
        try:
            report = lifecycle.request(deployment, **asked.validated_data, seed=options["seed"], enqueue=False)
        except InvalidWindow as error:
            raise CommandError(f"{error.field}: {error.message}") from error
        except UnknownSegment as error:
            raise CommandError(str(error)) from error
        report = detection.run(report.pk)
        if report.status == ReportStatus.FAILED:
            raise CommandError(report.error)
        self._print(report)

    def _print(self, report):
        score = "none" if report.score is None else f"{report.score:.4f}"
        self.stdout.write(f"Drift report {report.pk} of {report.deployment_id}: {report.verdict}, score {score}")
        for name in ("reference", "current"):
            window = report.resolved_windows[name]
            span = f", {window['first_at']} to {window['last_at']}" if window["n"] else ""
            self.stdout.write(f"  {name:<10} {window['n']:>6,} events{span}")
        for note in report.notes:
            self.stdout.write(f"  {note}")
        for metric in report.metrics:
            name = f"{metric['name']} {metric['segment']}".rstrip()
            self.stdout.write(f"  {name:<30} {metric['verdict']:<18} {metric['sentence']}")
