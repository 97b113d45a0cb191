import time
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from curation.models import GoldenSet
from exports.choices import GateStatus
from exports.gates import requesting, running, wording
from exports.gates.answers import uploading
from exports.gates.requesting import GateNotAllowed, Model
from exports.models import GateRun, TrainingRun
from feedback.access.acting import NoActingUser, acting_user
from feedback.endpoints.endpoints import InvalidEndpoints
from feedback.ingestion.parsing import bodies
from feedback.models import Judge

MOST_LINES = 1_000_000
# Where a worker continues the gate, the command waits for it.
SECONDS_BETWEEN_CHECKS = 2
# Rejected lines that are printed.
_SHOWN = 20


class Command(BaseCommand):
    help = "Compare a candidate with the current model on a golden set, and print the verdict."

    def add_arguments(self, parser):
        parser.add_argument("golden_set", type=int, help="id of a golden set")
        parser.add_argument("--candidate", default="", help="endpoint of LLM_ENDPOINTS (default: answers of a file)")
        parser.add_argument("--current", default="", help="endpoint of the current model, likewise")
        parser.add_argument("--candidate-version", default="", help="model version of the candidate")
        parser.add_argument("--current-version", default="", help="model version of the current model")
        parser.add_argument("--answers", type=Path, help="lines of JSON: row_id, side, response")
        parser.add_argument("--training-run", type=int, help="id of the run that made the candidate")
        parser.add_argument("--judge", type=int, help="id of a judge, which compares the answers if references are few")
        parser.add_argument("--user", help="user who requests it (default: the first active superuser)")

    def handle(self, *, golden_set, candidate, current, candidate_version, current_version, answers, user, **options):
        by = self._user(user)
        try:
            gate = requesting.request(
                golden_set=self._found(GoldenSet, golden_set, "golden set"),
                candidate=Model(candidate, candidate_version),
                current=Model(current, current_version),
                training_run=self._run(options["training_run"]),
                judge=None if options["judge"] is None else self._found(Judge, options["judge"], "judge"),
                by=by,
                queue=False,
            )
            if answers:
                self._upload(gate, answers, by)
        except (
            GateNotAllowed,
            InvalidEndpoints,
            PermissionDenied,
            bodies.MalformedBody,
            OSError,
        ) as error:
            raise CommandError(str(error)) from error
        while (found := running.run(gate.pk)) and found.status == GateStatus.RUNNING:
            time.sleep(SECONDS_BETWEEN_CHECKS)
        if found is None:
            raise CommandError(f"{gate} was deleted.")
        self._print(found)

    def _upload(self, gate: GateRun, path: Path, by) -> None:
        if gate.status == GateStatus.COMPLETED:
            return
        items = bodies.split_lines(path.read_bytes(), max_items=MOST_LINES)
        found = uploading.upload(gate.pk, items, by=by, queue=False)
        self.stdout.write(f"{found.stored:,} answers stored, {len(found.rejected):,} rejected")
        for index, error in found.rejected[:_SHOWN]:
            self.stdout.write(f"  item {index}: {error.message}")

    def _print(self, gate: GateRun) -> None:
        self.stdout.write(f"{gate} of {gate.golden_name}: {gate.verdict or gate.get_status_display().lower()}")
        self.stdout.write(wording.sentence(gate))
        if gate.status == GateStatus.FAILED:
            raise CommandError(gate.error)

    def _run(self, run_id):
        return None if run_id is None else self._found(TrainingRun, run_id, "training run")

    def _found(self, model, pk, name):
        if (found := model.objects.filter(pk=pk).first()) is None:
            raise CommandError(f"There is no {name} {pk}.")
        return found

    def _user(self, name):
        try:
            return acting_user(name)
        except NoActingUser as error:
            raise CommandError(str(error)) from error
