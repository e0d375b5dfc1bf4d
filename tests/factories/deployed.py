"""What the files under `deploy/` say: instructions, services, units, settings."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from tests.architecture.sources import ROOT

__all__ = ["Image", "image", "named", "seconds", "services", "settings", "started", "unit", "units"]

DEPLOY = ROOT / "deploy"
# A program as a unit names it, and the same as the image starts it.
PROGRAMS = {
    "/opt/desk/bin/gunicorn": ["python", "-m", "gunicorn"],
    "/opt/desk/bin/celery": ["python", "-m", "celery"],
    "/opt/desk/bin/desk": ["python", "-m", "desk"],
}


@dataclass(frozen=True)
class Image:
    """The steps that build an image, in order, and how its last stage runs."""

    steps: list[tuple[str, str]] = field(default_factory=list)
    last: Mapping[str, str] = field(default_factory=dict)

    def command(self, name: str) -> list[str]:
        """Give a command that is written as a list: `CMD`, or that of the `HEALTHCHECK`."""
        return json.loads(self.last[name].partition("[")[1] + self.last[name].partition("[")[2])


def image() -> Image:
    """Read the Containerfile."""
    text = (DEPLOY / "Containerfile").read_text()
    whole = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    steps = [line.partition(" ")[::2] for line in whole.splitlines() if line]
    last = [place for place, (name, _rest) in enumerate(steps) if name == "FROM"][-1]
    return Image([(name, rest.strip()) for name, rest in steps], dict(steps[last:]))


def services() -> dict[str, dict]:
    """Read the services of the compose file."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]


def units() -> list[str]:
    """Name the units of systemd."""
    return sorted(file.name for file in (DEPLOY / "systemd").iterdir())


def unit(name: str) -> dict[str, str]:
    """Read what a unit says of its service."""
    text = (DEPLOY / "systemd" / name).read_text().partition("[Service]")[2].partition("\n[")[0]
    return dict(line.split("=", 1) for line in text.splitlines() if line and line[0] != "#")


def settings() -> dict[str, str]:
    """Read the file of settings, as systemd and compose do."""
    lines = (DEPLOY / "desk.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and line[0] != "#")


def named() -> set[str]:
    """Name all settings of that file, those that are left to be set too."""
    text = (DEPLOY / "desk.env").read_text()
    return set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))


def seconds(text: str) -> int:
    """Read a time such as `25s`."""
    return int(text.removesuffix("s"))


def started(words: str) -> list[str]:
    """Give a unit's command as the image would start it."""
    program, *rest = shlex.split(words)
    return [*PROGRAMS[program], *rest]
