from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from feedback.access.acting import NoActingUser, acting_user
from feedback.ingestion.parsing import bodies
from feedback.judging.offline import applying

MOST_LINES = 1_000_000
# Rejected lines that are printed.
_SHOWN = 20


class Command(BaseCommand):
    help = "Apply a file of scored events that judge_export wrote. Applying it again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="lines of JSON with judgement_id, event_id and answers")
        parser.add_argument("--replace", action="store_true", help="let other answers replace those applied before")
        parser.add_argument("--user", help="user who applies it (default: the first active superuser)")

    def handle(self, *, file, replace, user, **options):
        try:
            items = bodies.split_lines(file.read_bytes(), max_items=MOST_LINES)
            found = applying.apply(items, by=acting_user(user), replace=replace)
        except (NoActingUser, PermissionDenied, bodies.MalformedBody, bodies.TooManyItems, OSError) as error:
            raise CommandError(str(error)) from error
        except applying.WrongFile as error:
            raise CommandError(str(error)) from error
        self.stdout.write(", ".join(f"{count:,} {name}" for name, count in found.counts.items()))
        for index, error in found.rejected[:_SHOWN]:
            self.stdout.write(f"  item {index}: {error.field or 'line'}: {error.message}")
        if found.rejected:
            raise CommandError(f"{len({index for index, _ in found.rejected}):,} lines were rejected.")
