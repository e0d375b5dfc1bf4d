"""Addresses of storages from the environment."""

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
