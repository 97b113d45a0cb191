from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from curation.choices import MAX_NAME_CHARACTERS
from curation.decontamination import registering
from curation.decontamination.reading import EvaluationFile


class Command(BaseCommand):
    help = "Register an evaluation set, whose texts are kept out of curated sets."

    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument(
            "path", type=Path, help="a file (JSON Lines, JSON, CSV, Parquet) or a Hugging Face directory"
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            help="column of the texts; may be repeated (default: the first usual one, such as prompt or question)",
        )
        parser.add_argument("--user", help="user recorded as its creator")

    def handle(self, *, name, path, column, user, **options):
        if not name.strip() or len(name) > MAX_NAME_CHARACTERS:
            raise CommandError(f"The name must have 1 to {MAX_NAME_CHARACTERS} characters.")
        by = None
        if user and (by := get_user_model().objects.filter(username=user).first()) is None:
            raise CommandError(f"There is no user {user}.")
        try:
            found = registering.register(name, EvaluationFile(path, columns=column), by=by)
        except (registering.NameTaken, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{found.name}: {found.texts:,} different texts in {', '.join(found.columns) or 'lines'}, "
            f"{found.grams:,} word 8-grams, of {found.rows:,} rows"
        )
        if found.rows_skipped:
            self.stdout.write(f"  {found.rows_skipped:,} rows had no text")
