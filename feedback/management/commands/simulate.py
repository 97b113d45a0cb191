from argparse import ArgumentTypeError
from itertools import islice
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from feedback.console.progress import progress
from feedback.deployments.policies import is_valid_id
from feedback.embeddings import filling
from feedback.ingestion import delivery, loading
from feedback.simulation import catalogue, scenarios, sending
from feedback.simulation.recorded import UnreadableTrace, read_trace
from feedback.simulation.scenarios import Drift, Scenario

EVENTS = 1_000


class Command(BaseCommand):
    help = (
        "Send simulated traffic. Running the same command again adds nothing; another --seed gives different traffic."
    )

    def add_arguments(self, parser):
        parser.add_argument("--demo", action="store_true", help="load the demo and ignore every other option")
        parser.add_argument("--deployment", default="simulated")
        parser.add_argument("--texts", choices=catalogue.NAMES, default="support", help="what the users ask about")
        parser.add_argument("--events", type=_count, help="default: 1,000, or all rows of --arrivals")
        parser.add_argument("--days", type=_days, default=30, help="the times are spread over these days")
        parser.add_argument("--seed", type=_count, default=1)
        parser.add_argument("--rate", type=_positive, help="send this many events a second, live; default: at once")
        parser.add_argument(
            "--arrivals",
            type=Path,
            metavar="FILE",
            help="replay the times and token counts of JSON Lines (.gz) with ts or t_ms, prompt_tokens and "
            "completion_tokens, as recorded and ending now; --days and --rate are ignored",
        )
        parser.add_argument("--speed", type=_positive, help="replay --arrivals live, this many times as fast")
        parser.add_argument("--drift", nargs="+", choices=[drift.value for drift in Drift], default=[])
        parser.add_argument(
            "--drift-share",
            type=_share,
            default=0.25,
            help="share of the period that drifts, counted from its end, 0 to 1",
        )

    def handle(self, *args, demo, rate, speed, **options):
        if speed and not options["arrivals"]:
            raise CommandError("--speed needs recorded arrivals: name their file with --arrivals.")
        chosen = scenarios.DEMO if demo else (self._scenario(options),)
        pace = {} if demo else {"rate": rate, "speed": speed}
        reports = [self._send(scenario, pace) for scenario in chosen]
        for scenario, report in zip(chosen, reports, strict=True):
            self._tell(scenario, report)
        if demo:
            self.stdout.write(f"Embedded a sample of {filling.embed_sample():,} events")

    def _scenario(self, options):
        if not is_valid_id(options["deployment"]):
            raise CommandError("A deployment has 1 to 255 characters of A-Z a-z 0-9 . _ : -")
        recorded = self._recorded(options["arrivals"], options["events"]) if options["arrivals"] else ()
        return Scenario(
            options["deployment"],
            options["texts"],
            events=len(recorded) or options["events"] or EVENTS,
            days=options["days"],
            seed=options["seed"],
            versions=scenarios.two_versions(options["texts"], switch=0.5),
            drifts=dict.fromkeys(map(Drift, options["drift"]), 1.0),
            drift_share=options["drift_share"],
            recorded=recorded,
        )

    def _recorded(self, path, most):
        try:
            return read_trace(islice(loading.json_rows(path), most))
        except (loading.UnreadableFile, UnreadableTrace) as error:
            raise CommandError(str(error)) from error

    def _send(self, scenario, pace):
        with progress(f"Sending events of {scenario.deployment_id}", scenario.events, self.stdout) as advance:
            return sending.send(scenario, **pace, advance=advance)

    def _tell(self, scenario, report):
        for reason in report.reasons:
            self.stdout.write(f"  {reason}")
        try:
            with progress(f"Writing {scenario.deployment_id}", report.accepted, self.stdout) as advance:
                totals = delivery.wait_until_written(
                    report, advance=advance, patience_seconds=delivery.PATIENCE_SECONDS
                )
        except delivery.NoWriter as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{scenario.deployment_id}: events and signals stored {totals.stored:,}, "
            f"duplicate {totals.duplicate:,}, rejected {report.rejected + totals.rejected:,}"
        )


def _count(text):
    return _checked(int(text), text.isdecimal() and int(text) >= 1, "a whole number of at least 1")


def _days(text):
    return _checked(int(text), text.isdecimal() and 1 <= int(text) <= 3_650, "a whole number from 1 to 3,650")


def _positive(text):
    return _checked(float(text), 0 < float(text) < float("inf"), "a number above 0")


def _share(text):
    return _checked(float(text), 0 <= float(text) <= 1, "a number from 0 to 1")


def _checked(value, is_valid, expected):
    if not is_valid:
        raise ArgumentTypeError(f"{value} is not {expected}")
    return value
