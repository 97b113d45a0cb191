import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from exports.pipelines import Context, PipelineFailed, PipelineWaits, running
from exports.pipelines.stored import documents
from feedback.access.acting import NoActingUser, acting_user


class Command(BaseCommand):
    help = "Run the pipeline of an experiment in this process, stage by stage, and print its artifacts and metrics."

    def add_arguments(self, parser):
        parser.add_argument("file", help="an Experiment of the Crucible IR as JSON")
        parser.add_argument("--user", help="in whose name stages run (default: the first active superuser)")

    def handle(self, *, file, user, **options):
        checked = self._checked(Path(file))
        experiment = checked.experiment
        context = Context(
            experiment_id=experiment.id, run_id="command", experiment=experiment, user=self._user(user)
        ).put_artifact("deployment_id", checked.deployment_id)
        try:
            context = running.run(context)
        except PipelineFailed as error:
            self._print(error.context)
            raise CommandError(str(error)) from error
        except PipelineWaits as error:
            self._print(error.context)
            raise CommandError(f"{error} Nothing continues this run: post the experiment to have that.") from error
        self._print(context)

    def _checked(self, path):
        try:
            return documents.read(json.loads(path.read_bytes()))
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except (ValueError, RecursionError) as error:
            if isinstance(error, documents.UnrunnableExperiment):
                lines = [f"{one.field}: {one.message}" if one.field else one.message for one in error.errors]
                raise CommandError("\n".join(lines)) from error
            raise CommandError(f"{path} is not valid JSON: {error}") from error

    def _user(self, name):
        if not name:
            return None
        try:
            return acting_user(name)
        except NoActingUser as error:
            raise CommandError(str(error)) from error

    def _print(self, context):
        self.stdout.write(f"completed: {', '.join(context.completed_stages()) or 'no stage'}")
        for name, value in {**context.artifacts, **context.metrics}.items():
            self.stdout.write(f"  {name}: {value if isinstance(value, str) else json.dumps(value)}")
