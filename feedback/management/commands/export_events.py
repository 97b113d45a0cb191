import os
import sys
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from feedback.choices import EventFileFormat, SignalType
from feedback.event_files import exporting
from feedback.event_files.filters import event_filter, within_search
from feedback.models import Deployment
from feedback.serializers.events import EventFilterSerializer
from feedback.stores import pages
from feedback.stores.base import StoreUnavailable

# The options, and the parameters of GET events that they are.
FILTERS = {
    "deployment": "deployment_id",
    "from": "from",
    "to": "to",
    "model": "model_version_id",
    "prompt_version": "prompt_version",
    "external_id": "external_id",
    "session_hash": "session_hash",
    "min_quality": "min_quality",
    "signal": "signal",
    "q": "q",
}


class Command(BaseCommand):
    help = "Write the stored events that match, the newest first, to a file or to standard output."

    def add_arguments(self, parser):
        parser.add_argument("--deployment", help="one deployment (default: all of them)")
        parser.add_argument("--from", help="not before this time, as 2026-05-04 or 2026-05-04T12:00 (UTC)")
        parser.add_argument("--to", help="before this time, in the same format")
        parser.add_argument("--model", help="of this model version")
        parser.add_argument("--prompt-version", help="of this version of the prompt")
        parser.add_argument("--external-id", help="with this external id")
        parser.add_argument("--session-hash", help="of this session")
        parser.add_argument("--min-quality", help="with at least this quality score, from 0 to 1")
        parser.add_argument("--signal", choices=SignalType.values, help="with a live signal of this type")
        parser.add_argument("--q", help="with these words in the prompt or the response")
        parser.add_argument("--format", required=True, choices=EventFileFormat.values)
        parser.add_argument("--output", type=Path, help="the file to write (default: standard output)")

    def handle(self, *, format, output, **options):
        where, searched_from = within_search(_where(options))
        if searched_from is not None:
            newest = f"newest {pages.SEARCHED_EVENTS:,} events, those since {searched_from:%Y-%m-%d %H:%M} UTC"
            self.stderr.write(f"--q searches the {newest}.")
        if output is None and sys.stdout.isatty() and format == EventFileFormat.PARQUET:
            raise CommandError("Parquet is not written to a terminal. Name a file with --output.")
        try:
            pieces = exporting.export(where, EventFileFormat(format), by="export_events")
            _write_out(pieces) if output is None else _write_file(output, pieces)
        except StoreUnavailable as error:
            raise CommandError(f"The event store is unavailable: {error}") from error
        except BrokenPipeError:
            # What reads standard output has read enough; nothing may be flushed to it at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _where(options):
    given = {name: options[option] for option, name in FILTERS.items() if options[option] is not None}
    filters = EventFilterSerializer(data=given)
    if not filters.is_valid():
        option_of = {name: option.replace("_", "-") for option, name in FILTERS.items()}
        problems = [f"--{option_of[name]}: {' '.join(texts)}" for name, texts in filters.errors.items()]
        raise CommandError("\n".join(problems))
    deployment = given.get("deployment_id")
    if deployment is not None and not Deployment.objects.filter(pk=deployment).exists():
        raise CommandError(f"Deployment {deployment} does not exist.")
    return event_filter(filters.validated_data)


def _write_out(pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _write_file(output: Path, pieces: Iterable[bytes]) -> None:
    """Under another name until it is whole, so that a file of this name is never half written."""
    draft = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        draft.replace(output)
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
