"""Addresses of storages from the environment."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from desk import places


def test_an_s3_address_names_bucket_folder_keys_and_options():
    made = places.storage("s3://name:se%2Fcret@bucket/desk/files?endpoint_url=http://s3.test:9000")
    assert made["exports"] == {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": "bucket",
            "location": "desk/files",
            "signature_version": "s3v4",
            "access_key": "name",
            "secret_key": "se/cret",
            "endpoint_url": "http://s3.test:9000",
        },
    }


def test_an_azure_address_names_container_and_account():
    options = places.storage("azure://box/desk?account_name=a&account_key=k")["exports"]["OPTIONS"]
    assert options == {
        "azure_container": "box",
        "location": "desk",
        "account_name": "a",
        "account_key": "k",
    }


def test_a_folder_is_a_storage_and_no_address_is_none():
    assert places.storage("file:///srv/files")["exports"]["OPTIONS"] == {"location": "/srv/files"}
    assert places.storage("") == {}


def test_another_address_is_refused_with_what_would_be_accepted():
    with pytest.raises(ImproperlyConfigured, match="s3://, azure:// or file://"):
        places.storage("ftp://somewhere")


KEYS = Path("/srv/desk/keys")
AT_HOME = {"HOST": "db.test", "PORT": "5432", "NAME": "desk", "PASSWORD": "a"}


@pytest.fixture
def said(monkeypatch):
    """Give what sets variables of the environment, with none of ours set before."""
    for name in ("DESK_AUDIT_ANCHOR", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return lambda **variables: [monkeypatch.setenv(*one) for one in variables.items()]


def test_the_anchor_of_the_log_lies_beside_the_keys(said):
    assert places.anchor(KEYS, {}) == KEYS / "waybill-audit-anchor"


def test_each_database_has_an_anchor_of_its_own_whatever_its_password(said):
    said(DATABASE_URL="postgresql://...")
    first = places.anchor(KEYS, AT_HOME)
    assert first.parent == KEYS
    assert places.anchor(KEYS, {**AT_HOME, "PASSWORD": "b"}) == first
    assert places.anchor(KEYS, {**AT_HOME, "NAME": "other"}) != first


def test_the_anchor_can_be_placed_elsewhere_and_left_out(said):
    said(DESK_AUDIT_ANCHOR="/mnt/far/anchor")
    assert places.anchor(KEYS, {}) == Path("/mnt/far/anchor")
    said(DESK_AUDIT_ANCHOR="no")
    assert places.anchor(KEYS, {}) is None
