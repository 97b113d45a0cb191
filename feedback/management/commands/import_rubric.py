from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from feedback.access.acting import NoActingUser, acting_user
from feedback.rubrics import documents, versions
from feedback.rubrics.definition import InvalidRubric


class Command(BaseCommand):
    help = "Create a rubric, or the next version of one, from a TOML file."

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path)
        parser.add_argument("--user", help="user recorded as its creator (default: the first active superuser)")

    def handle(self, *, path, user, **options):
        try:
            definition = documents.from_toml(path.read_text(encoding="utf-8"))
            rubric = versions.create(documents.as_document(definition), by=acting_user(user))
        except InvalidRubric as error:
            raise CommandError("\n".join(f"{one.field}: {one.message}" for one in error.errors)) from error
        except (OSError, UnicodeDecodeError, NoActingUser, versions.SameRubric) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{rubric.label} is created.")
