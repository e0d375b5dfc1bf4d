"""Storages that would lose or give away exports are told at start-up (FAULTS 48, 81)."""

import pytest

from waybill.checks import check_setting, check_storage


def ids():
    return [found.id for found in check_storage(None)]


def test_a_folder_of_its_own_is_fine(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.WAYBILL = {**settings.WAYBILL, "files_dir": tmp_path / "exports"}
    assert ids() == []


def test_a_folder_that_the_web_server_gives_to_anybody_is_told(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    settings.WAYBILL = {**settings.WAYBILL, "files_dir": tmp_path / "exports"}
    assert ids() == ["waybill.E005"]


def test_a_storage_in_such_a_folder_is_told(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)
    folder = {"location": str(tmp_path / "kept")}
    local = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": folder}
    settings.STORAGES = {**settings.STORAGES, "kept": local}
    settings.WAYBILL = {**settings.WAYBILL, "storage": "kept"}
    assert ids() == ["waybill.E005"]


def test_a_storage_that_is_not_there_is_told(settings):
    settings.WAYBILL = {**settings.WAYBILL, "storage": "nowhere"}
    assert ids() == ["waybill.E004"]


@pytest.mark.parametrize(
    "options",
    [
        {"default_acl": "public-read"},
        {"object_parameters": {"ACL": "public-read"}},
        {"querystring_auth": False},
    ],
    ids=str,
)
def test_a_bucket_whose_objects_anybody_can_read_is_told(options, settings):
    """FAULTS 81."""
    given = {"bucket_name": "b", **options}
    bucket = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": given}
    settings.STORAGES = {**settings.STORAGES, "kept": bucket}
    settings.WAYBILL = {**settings.WAYBILL, "storage": "kept"}
    assert ids() == ["waybill.E010"]


def test_a_private_bucket_is_fine(settings):
    given = {"bucket_name": "b", "default_acl": "private"}
    bucket = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": given}
    settings.STORAGES = {**settings.STORAGES, "kept": bucket}
    settings.WAYBILL = {**settings.WAYBILL, "storage": "kept"}
    assert ids() == []


@pytest.mark.parametrize("seconds", [61, -1])
def test_a_signed_address_that_lives_too_long_is_told(seconds, settings):
    """FAULTS 79."""
    settings.WAYBILL = {**settings.WAYBILL, "redirect_seconds": seconds}
    assert [found.id for found in check_setting(None)] == ["waybill.E009"]
