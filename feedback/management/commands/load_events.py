from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import redis
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from feedback.choices import ItemKind
from feedback.console.progress import progress
from feedback.deployments.policies import is_valid_id
from feedback.ingestion import delivery, loading
from feedback.stores.connection_loss import is_database_unavailable

AGAIN = "Load the file again later; what was accepted is not added twice."


class Command(BaseCommand):
    help = (
        "Load events, or with --signals signals, from a CSV, JSON, JSON Lines or Parquet file. Loading the same file "
        "again adds nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--deployment",
            required=True,
            help="the deployment of every row; a column deployment_id is used only if it is mapped, with "
            "--map deployment_id=deployment_id",
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help="send COLUMN as FIELD; FIELD*1000 changes a unit, metadata.KEY is metadata, an empty FIELD "
            "leaves it out. "
            "Columns that are neither mapped nor named like a field become metadata.",
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="the value of FIELD in every row that has none of its own, such as type=rating",
        )
        parser.add_argument("--signals", action="store_true", help="the rows are signals about events")
        parser.add_argument(
            "--timezone", default="UTC", help="of times without a zone, such as Europe/Berlin; default: UTC"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="print what becomes of the columns, check every row, send nothing"
        )

    def handle(self, *args, file, deployment, **options):
        if not file.is_file():
            raise CommandError(f"{file} is not a file.")
        if not is_valid_id(deployment):
            raise CommandError("A deployment has 1 to 255 characters of A-Z a-z 0-9 . _ : -")
        try:
            self._load(file, deployment, options)
        except (loading.InvalidMapping, loading.UnreadableFile) as error:
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            if not is_database_unavailable(error):
                raise
            raise CommandError(f"The database cannot be reached. {AGAIN}") from error
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise CommandError(f"The stream cannot be reached. {AGAIN}") from error

    def _load(self, file, deployment, options):
        file_loading = self._prepare(file, deployment, options)
        with progress(f"Reading {file.name}, percent", 100, self.stdout) as advance:
            report = (file_loading.check if options["dry_run"] else file_loading.send)(advance)
        self.stdout.writelines(f"{line}\n" for line in loading.noted(file_loading))
        if options["dry_run"]:
            self.stdout.write(f"dry run, nothing is sent: valid {report.accepted}, invalid {report.rejected}")
        else:
            self.stdout.write(
                f"accepted {report.accepted}, rejected {report.rejected}, repeated in it {report.repeated}"
            )
        self._tell_reasons(report)
        if not options["dry_run"]:
            self._wait(report)

    def _prepare(self, file, deployment, options):
        """The file with what becomes of its columns, which is printed even if an option is wrong."""
        kind = ItemKind.SIGNAL if options["signals"] else ItemKind.EVENT
        try:
            zone = ZoneInfo(options["timezone"])
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise CommandError(f"{options['timezone']} is not a time zone, such as UTC or Europe/Berlin.") from error
        item = loading.ITEMS[kind]
        try:
            mappings = [loading.parse_mapping(text, item) for text in options["map"]]
            constants = dict(loading.parse_constant(text, item) for text in options["set"])
        except loading.InvalidMapping:
            self._tell_columns(loading.prepare(file, deployment, kind=kind, zone=zone))
            raise
        prepared = loading.prepare(file, deployment, kind=kind, mappings=mappings, constants=constants, zone=zone)
        self._tell_columns(prepared)
        loading.check_mappings(prepared, mappings)
        return prepared

    def _tell_columns(self, file_loading):
        for line in loading.described(file_loading):
            self.stdout.write(line)

    def _tell_reasons(self, report):
        for reason in report.reasons:
            self.stdout.write(f"  {reason}")
        if report.rejected > len(report.reasons):
            self.stdout.write(f"  … and {report.rejected - len(report.reasons)} more")

    def _wait(self, report):
        try:
            with progress("Writing", report.accepted, self.stdout) as advance:
                totals = delivery.wait_until_written(report, advance=advance, patience_seconds=0)
        except delivery.NoWriter as error:
            self.stdout.write(self.style.WARNING(str(error)))
        else:
            self.stdout.write(
                f"stored {totals.stored}, duplicate {totals.duplicate}, rejected by the database {totals.rejected}"
            )
