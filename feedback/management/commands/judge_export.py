import os
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from feedback.access.acting import NoActingUser, acting_user
from feedback.judging.offline import exporting
from feedback.models import Deployment
from feedback.rubrics import versions


class Command(BaseCommand):
    help = "Write a sample of a deployment's events with a rubric to a file, to be judged elsewhere."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        parser.add_argument("--rubric", required=True, help="name and version, as in tip-v1")
        parser.add_argument(
            "--sample", type=int, default=100, help="how many events, waiting ones first (default: 100)"
        )
        parser.add_argument("--judge", default=exporting.DEFAULT_JUDGE, help="name of the judge (default: offline)")
        parser.add_argument("--file", type=Path, required=True, help="the file to write")
        parser.add_argument("--user", help="user who exports (default: the first active superuser)")

    def handle(self, *, deployment, rubric, sample, judge, file, user, **options):
        if sample < 1:
            raise CommandError("--sample must be at least 1.")
        found = Deployment.objects.filter(pk=deployment).first()
        if found is None:
            raise CommandError(f"There is no deployment {deployment}.")
        try:
            by = acting_user(user)
            prepared = exporting.prepare(found, versions.find(rubric), sample=sample, judge=judge, by=by)
            written = self._write(file, exporting.lines(prepared, by=by))
        except (
            NoActingUser,
            PermissionDenied,
            versions.UnknownRubric,
            exporting.ExportNotAllowed,
            OSError,
        ) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{written - 1:,} events written to {file}. Fill in the answers, then: judge_apply {file}")

    def _write(self, file: Path, lines) -> int:
        """Write beside the file and move it there, so that no half of it is taken for the whole."""
        draft = file.with_name(f".{file.name}.part")
        count = 0
        try:
            with draft.open("wb") as target:
                for line in lines:
                    target.write(line)
                    count += 1
            os.replace(draft, file)
        finally:
            draft.unlink(missing_ok=True)
        return count
