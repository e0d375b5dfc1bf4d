"""The files that set Desk up on the machines of a company say what they should, and agree."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.docs.sources import table_names
from tests.factories import deployed
from tests.plugins.required import require

OURS = ("prepare", "web", "worker", "sweep")
UNITS = {
    "desk-migrate.service": "prepare",
    "desk-sweep.service": "sweep",
    "desk-web.service": "web",
    "desk-worker@.service": "worker",
}


def test_the_checks_of_a_deployment_have_nothing_to_say_of_these_settings(tmp_path: Path) -> None:
    variables = {**deployed.settings(), "PATH": "", "DESK_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "desk", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(
        command, env=variables, cwd=tmp_path, check=False, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_these_settings_bring_tls_strict_cookies_and_a_strict_policy(tmp_path: Path) -> None:
    asked = (
        "SECURE_HSTS_SECONDS SECURE_SSL_REDIRECT SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE"
        " SESSION_COOKIE_HTTPONLY DEBUG"
    )
    code = (
        "from desk import settings;"
        f"print([getattr(settings, name) for name in {asked.split()!r}]);"
        "print('unsafe' in str(settings.SECURE_CSP))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**deployed.settings(), "DESK_DATA_DIR": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.splitlines() == [f"[{365 * 86_400}, True, True, True, True, False]", "False"]


def test_every_setting_of_the_example_is_one_of_desk() -> None:
    assert deployed.named() <= table_names("docs/reference/environment.md")


def test_the_example_brings_no_key_that_everybody_knows() -> None:
    keys = {name for name in deployed.named() if name.endswith(("_KEY", "_TOKEN"))}

    assert len(keys) == 4
    assert keys.isdisjoint(deployed.settings())


def test_a_unit_and_a_container_start_the_same() -> None:
    image, services = deployed.image(), deployed.services()
    assert deployed.units() == sorted(UNITS)

    for name, service in UNITS.items():
        wanted = services[service].get("command") or image.command("CMD")
        # In a container every address is the container's own.
        shown = [word.replace("0.0.0.0", "127.0.0.1") for word in wanted]
        assert deployed.started(deployed.unit(name)["ExecStart"]) == shown


@pytest.mark.parametrize("name", sorted(UNITS))
def test_systemd_understands_each_unit(name: str, tmp_path: Path) -> None:
    """The programs stand elsewhere here; everything else is as it is."""
    program = require(program="systemd-analyze")
    for one in UNITS:
        text = (ROOT / "deploy/systemd" / one).read_text()
        here = str(Path(sys.executable).parent)
        (tmp_path / one).write_text(text.replace("/opt/desk/bin", here))
    variables = {**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}

    done = subprocess.run(
        [program, "verify", "--man=no", tmp_path / name.replace("@", "@1")],
        env=variables,
        check=False,
        capture_output=True,
        text=True,
    )

    said = [line for line in done.stderr.splitlines() if "desk-" in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.parametrize("name", sorted(UNITS))
def test_a_unit_has_no_rights_that_it_does_not_need(name: str) -> None:
    said = deployed.unit(name)

    assert said["User"] == "desk"
    assert said["ProtectSystem"] == "strict"
    assert said["StateDirectory"] == "desk"
    assert {said[key] for key in ("NoNewPrivileges", "PrivateTmp", "ProtectHome")} == {"yes"}


def test_the_image_is_not_root_and_says_how_it_is() -> None:
    last = deployed.image().last

    assert last["USER"] == "10001:10001"
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert "/healthz" in deployed.image().command("HEALTHCHECK")[-1]


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_desk_is_not_root_and_writes_to_its_volume_alone(name: str) -> None:
    service = deployed.services()[name]

    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert (service["volumes"], service["tmpfs"]) == (["desk:/var/lib/desk"], ["/tmp"])


def test_everything_has_longer_to_end_than_it_needs() -> None:
    command = deployed.image().command("CMD")
    needed = int(command[command.index("--graceful-timeout") + 1])

    for name in OURS:
        assert deployed.seconds(deployed.services()[name]["stop_grace_period"]) > needed
    for name in UNITS:
        if deployed.unit(name)["Type"] != "oneshot":
            assert int(deployed.unit(name)["TimeoutStopSec"]) > needed


def test_what_a_service_waits_for_is_there_and_can_be_waited_for() -> None:
    services = deployed.services()
    for service in services.values():
        for other, how in service.get("depends_on", {}).items():
            awaited = services[other]
            if how["condition"] == "service_healthy":
                assert awaited["healthcheck"]["test"]
            else:
                assert how["condition"] == "service_completed_successfully"
                assert awaited["command"] == ["python", "-m", "desk", "prepare"]


def test_no_image_is_taken_without_its_version_and_no_secret_has_a_default() -> None:
    text = (ROOT / "deploy/compose.yaml").read_text()
    taken = [one["image"] for one in deployed.services().values() if one["image"] != "desk"]

    assert all(":" in image and not image.endswith(":latest") for image in taken)
    assert text.count("_PASSWORD}") == 0
    assert text.count(":?set it}") == 6
