"""Static files collected at the start of Desk."""

import pytest
from django.core.management import CommandError, call_command

from desk import statics

MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"


@pytest.fixture
def source(settings, tmp_path):
    """A file to collect, the only one."""
    file = tmp_path / "own/look.css"
    file.parent.mkdir()
    file.write_text("p { color: black }" * 100)
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [file.parent]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": MANIFEST}}
    return file


@pytest.fixture
def collected(monkeypatch):
    """How often they were collected."""
    calls = []

    def counted(*words, **options):
        calls.append(words)
        call_command(*words, **options)

    monkeypatch.setattr(statics, "call_command", counted)
    return calls


def test_what_has_not_changed_is_collected_once(source, collected, tmp_path):
    statics.collect()
    statics.collect()
    assert len(collected) == 1
    assert (tmp_path / "static/look.css").read_text() == source.read_text()
    assert (tmp_path / "static/look.css.gz").exists()


def test_what_has_changed_or_is_gone_is_collected_again(source, collected, tmp_path):
    statics.collect()
    source.write_text("p { color: white; margin: 0 }")
    statics.collect()
    assert (tmp_path / "static/look.css").read_text() == source.read_text()
    (tmp_path / "static/staticfiles.json").unlink()
    statics.collect()
    assert (tmp_path / "static/staticfiles.json").exists()
    assert len(collected) == 3


def test_a_collection_that_failed_is_made_again(source, collected, tmp_path):
    source.write_text("p { background: url(nowhere.png) }")
    with pytest.raises(CommandError, match=r"nowhere\.png"):
        statics.collect()
    source.write_text("p { color: black }")
    statics.collect()
    assert len(collected) == 2
    assert (tmp_path / "static/staticfiles.json").exists()
