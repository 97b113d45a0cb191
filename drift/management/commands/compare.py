import json

from django.core.management.base import BaseCommand, CommandError

from drift.choices import ComparisonStatus, Correction
from drift.comparisons import lifecycle, running
from drift.measures.outcomes import DEFAULT
from drift.reading.references import UnknownSegment
from drift.serializers.comparisons import TESTS, ComparisonOfArmsRequestSerializer
from drift.windows.arms import InvalidArm
from feedback.models import Deployment


def _arm(text):
    """An arm as JSON, or a model version."""
    return json.loads(text) if text.startswith("{") else text


class Command(BaseCommand):
    OPTIONS = ("arms", "outcomes", "segments", "test", "correction", "margin")
    help = "Compare versions, experiments, segments or windows of a deployment now, store the comparison and print it."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        arm = (
            'two or more model versions, or arms as JSON, such as \'{"experiment": "short"}\'; the first is the control'
        )
        parser.add_argument("arms", nargs="+", type=_arm, help=arm)
        parser.add_argument("--outcomes", nargs="+", default=list(DEFAULT), help=f"by default {', '.join(DEFAULT)}")
        parser.add_argument("--segments", nargs="+", help="also compare within the values of these segment keys")
        parser.add_argument("--test", choices=TESTS, help="by default the test that suits the data")
        parser.add_argument("--correction", choices=Correction.values, default=Correction.HOLM)
        parser.add_argument("--margin", type=float, help="the smallest difference that matters")

    def handle(self, *args, **options):
        deployment = options["deployment"]
        if not Deployment.objects.filter(pk=deployment).exists():
            raise CommandError(f"Deployment {deployment} does not exist.")
        data = {name: options[name] for name in self.OPTIONS if options[name] is not None}
        asked = ComparisonOfArmsRequestSerializer(data=data)
        if not asked.is_valid():
            raise CommandError(json.dumps(asked.errors))
        try:
            comparison = lifecycle.request(deployment, **asked.validated_data, enqueue=False)
        except (InvalidArm, UnknownSegment) as error:
            raise CommandError(str(error)) from error
        comparison = running.run(comparison.pk)
        if comparison.status == ComparisonStatus.FAILED:
            raise CommandError(comparison.error)
        self._print(comparison)

    def _print(self, comparison):
        self.stdout.write(f"Comparison {comparison.pk} of {comparison.deployment_id}")
        self.stdout.write(comparison.verdict)
        for outcome in comparison.results:
            for pair in outcome["pairs"]:
                self.stdout.write(f"  {pair['sentence']}")
                self.stdout.write(f"    {pair['test_label'] or 'no test'}: {pair['reason'] or pair['problem']}")
