"""Imports point down, and the tables are what the models say."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.architecture.sources import ROOT


def test_imports_keep_their_contracts() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([linter], cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_the_system_checks_have_nothing_to_say() -> None:
    call_command("check", fail_level="WARNING", databases=["default"])


def test_the_deployment_checks_have_nothing_to_say_without_any_setting(tmp_path: Path) -> None:
    variables = {"PATH": "", "DESK_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "desk", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(
        command, env=variables, cwd=tmp_path, check=False, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stderr
