"""Write an export to a file or to standard output."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from waybill import errors, exports, registry
from waybill.declare.policy import Intended
from waybill.jobs.log import Actor
from waybill.jobs.request import refuse
from waybill.management.logged import logged
from waybill.management.progress import Meter
from waybill.store.names import EXTENSIONS
from waybill.values import ExportRequest, Json, Options

__all__ = ["Command"]

FAILED, REFUSED, FORBIDDEN, TEMPORARY, INTERRUPTED = 1, 2, 3, 75, 130


class Command(BaseCommand):
    """Export rows; exit 0 written, 1 failed, 2 refused, 3 no right, 75 try again, 130 stopped."""

    help = "Write an export to a file (with its receipt beside it) or to standard output."

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as called from a shell, where a value may begin with a dash: `--sort -created_at`."""
        parser = self.create_parser(argv[0], argv[1])
        super().run_from_argv([*argv[:2], *with_values(parser, argv[2:])])

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what a request can say."""
        parser.add_argument("resource", help="what to export")
        parser.add_argument("--view", default="", help="start from a saved view")
        parser.add_argument(
            "--filter",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="narrow the rows; a name given twice means any of its values",
        )
        parser.add_argument("--search", default="", help="keep rows that hold the text")
        parser.add_argument("--columns", help="keys of the columns, with commas")
        parser.add_argument(
            "--label",
            action="append",
            default=[],
            metavar="KEY=HEADING",
            help="another heading for a column; once for each",
        )
        parser.add_argument("--sort", default="", help="columns to sort by, as in -created_at,id")
        parser.add_argument("--as", dest="person", help="export with the rights of this person")
        parser.add_argument(
            "--format", help="csv, excel, json or ndjson; else what the file's name says, else csv"
        )
        parser.add_argument("--raw", action="store_true", help="the form for machines")
        parser.add_argument("--children", action="store_true", help="with the child rows")
        parser.add_argument("--delimiter", default=",", help="between the cells of a CSV row")
        parser.add_argument("--zone", default="", help="time zone of the times, as Europe/Berlin")
        parser.add_argument("--no-bom", action="store_true", help="no byte order mark")
        parser.add_argument("--no-guard", action="store_true", help="no formula guard")
        parser.add_argument(
            "--gzip",
            action="store_true",
            help="compress CSV or NDJSON, as a name ending in .gz does",
        )
        parser.add_argument(
            "-o", "--output", required=True, help="a file, or - for standard output"
        )

    def handle(self, **given: Any) -> None:
        """Run the export; a fault becomes one sentence and an exit code."""
        meter = Meter(sys.stderr)
        try:
            receipt = self.export(given, meter)
        except errors.NotAllowed as fault:
            raise CommandError(str(fault), returncode=FORBIDDEN) from fault
        except errors.RequestRefused as fault:
            raise CommandError(str(fault), returncode=REFUSED) from fault
        except errors.WaybillError as fault:
            code = TEMPORARY if fault.retryable else FAILED
            raise CommandError(str(fault.public), returncode=code) from fault
        except OSError as fault:
            said = fault.strerror or str(fault)
            raise CommandError(f"{given['output']}: {said}", returncode=FAILED) from fault
        except KeyboardInterrupt:
            raise CommandError(_("Stopped."), returncode=INTERRUPTED) from None
        finally:
            meter.end()
        if given["verbosity"] > 0:
            self.stderr.write(sentence(receipt, given["output"]), self.style.SUCCESS)

    def export(self, given: dict[str, Any], meter: Meter) -> dict[str, Any]:
        """Check who asks, and write."""
        person = someone(given["person"])
        request = requested(given)
        check_rights(request.resource, person)

        def write() -> dict[str, Any]:
            if given["output"] == "-":
                plan = exports.planned(request, by=person)
                return exports.write(plan, sys.stdout.buffer, progress=meter)
            return exports.write_file(request, Path(given["output"]), by=person, progress=meter)

        return logged(request, person, write)


def with_values(parser: ArgumentParser, given: Sequence[str]) -> Iterator[str]:
    """Join an option that needs a value and a word with a dash, which argparse takes for an option.

    A word that is an option stays one: `--search --raw` lacks a text.
    """
    known = parser._option_string_actions  # noqa: SLF001 - argparse tells its options nowhere else
    rest = iter(given)
    for word in rest:
        action = known.get(word)
        if action is None or action.nargs is not None or not word.startswith("--"):
            yield word
            continue
        value = next(rest, None)
        if value is None:
            yield word
        elif value.startswith("-") and value.partition("=")[0] not in known:
            yield f"{word}={value}"
        else:
            yield from (word, value)


def someone(name: str | None) -> Any:
    """Find the person to export as; None is the system."""
    if name is None:
        return None
    people = get_user_model()
    try:
        return people._default_manager.get_by_natural_key(name)
    except people.DoesNotExist:
        raise errors.RequestRefused(field="--as", value=name) from None


def check_rights(resource: str, person: Any) -> None:
    """Raise `NotAllowed`, logged, where the person may not start the export or not fetch it."""
    if person is None:
        return
    export = registry.get(resource)
    intended = Intended(requester_id=person.pk, resource=resource)
    allowed = export.policy.can_start(person, export)
    if not (person.is_active and allowed and export.policy.can_download(person, intended)):
        refusal = errors.NotAllowed(field="--as", value=resource)
        refuse(resource, refusal, Actor.of(person))
        raise refusal


def requested(given: dict[str, Any]) -> ExportRequest:
    """Put the request together."""
    named, packed = by_name(given["output"])
    return ExportRequest(
        resource=given["resource"],
        format=given["format"] or named,
        columns=words(given["columns"]) if given["columns"] else None,
        labels=labels(given["label"]),
        filters=pairs(given["filter"]),
        search=given["search"],
        sort=words(given["sort"]),
        view=given["view"],
        options=Options(
            delimiter={"tab": "\t", "\\t": "\t"}.get(given["delimiter"], given["delimiter"]),
            bom=not given["no_bom"],
            raw=given["raw"],
            guard=not given["no_guard"],
            zone=given["zone"],
            compression="gzip" if given["gzip"] or packed else "",
            children=given["children"],
        ),
    )


def by_name(output: str) -> tuple[str, bool]:
    """Tell from a file's name its format, csv where it says none, and whether it is compressed."""
    name = output.lower().removesuffix(".gz")
    formats = {f".{ending}": format_ for format_, ending in EXTENSIONS.items()}
    return formats.get(Path(name).suffix, "csv"), name != output.lower()


def words(text: str) -> tuple[str, ...]:
    """Split a list with commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def pairs(given: Sequence[str]) -> dict[str, Json]:
    """Read NAME=VALUE pairs; a name given twice becomes a list."""
    found: dict[str, list[Json]] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise errors.BadFilter(field="--filter", value=pair, accepted=["NAME=VALUE"])
        found.setdefault(name.strip(), []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def labels(given: Sequence[str]) -> dict[str, str]:
    """Read KEY=HEADING pairs; of a key given twice the last counts."""
    found = {}
    for pair in given:
        key, equals, heading = pair.partition("=")
        if not equals:
            raise errors.BadOption(field="--label", value=pair, accepted=["KEY=HEADING"])
        found[key.strip()] = heading
    return found


def sentence(receipt: dict[str, Any], output: str) -> str:
    """Say what was written."""
    return _("Wrote %(rows)s rows, %(bytes)s bytes to %(output)s (SHA-256 %(sha256)s).") % {
        "rows": f"{receipt['rows']:,}",
        "bytes": f"{receipt['bytes']:,}",
        "output": output,
        "sha256": receipt["sha256"],
    }
