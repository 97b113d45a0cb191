from pathlib import Path

import redis
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from feedback.console.progress import progress
from feedback.deployments.policies import is_valid_id
from feedback.ingestion import delivery, loading
from feedback.stores.connection_loss import is_database_unavailable

AGAIN = "Load the file again later; what was accepted is not added twice."


class Command(BaseCommand):
    help = "Load events from a .jsonl, .jsonl.gz or .parquet file. Loading the same file again adds nothing."

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

    def handle(self, *args, file, deployment, **options):
        if not file.is_file():
            raise CommandError(f"{file} is not a file.")
        if not is_valid_id(deployment):
            raise CommandError("A deployment has 1 to 255 characters of A-Z a-z 0-9 . _ : -")
        try:
            mappings = [loading.parse_mapping(text) for text in options["map"]]
            self._tell(self._load(file, deployment, mappings))
        except (loading.InvalidMapping, loading.UnreadableFile) as error:
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            if not is_database_unavailable(error):
                raise
            raise CommandError(f"The database cannot be reached. {AGAIN}") from error
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise CommandError(f"The stream cannot be reached. {AGAIN}") from error

    def _load(self, file, deployment, mappings):
        with progress(f"Reading {file.name}, percent", 100, self.stdout) as advance:
            return loading.load(file, deployment, mappings, advance=advance)

    def _tell(self, report):
        self.stdout.write(f"accepted {report.accepted}, rejected {report.rejected}, repeated in it {report.repeated}")
        for reason in report.reasons:
            self.stdout.write(f"  {reason}")
        try:
            with progress("Writing", report.accepted, self.stdout) as advance:
                totals = delivery.wait_until_written(report, advance=advance, patience_seconds=0)
        except delivery.NoWriter as error:
            self.stdout.write(self.style.WARNING(str(error)))
        else:
            self.stdout.write(
                f"stored {totals.stored}, duplicate {totals.duplicate}, rejected by the database {totals.rejected}"
            )
