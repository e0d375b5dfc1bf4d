"""Files in S3 and Azure Blob, by the storages of django-storages and the clients beneath them.

The clients are called directly: `storage.open(key, "wb")` would publish half a file when its
writer raises, and reading through a storage fetches the whole object to seek in it.
"""

import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.storage import Storage

from waybill import errors
from waybill.store.names import check_key
from waybill.values import Kept

__all__ = ["AzureVault", "S3Vault", "remote"]

CHUNK_BYTES = 256 * 1024


class S3Vault:
    """A bucket of S3 or of anything that speaks its protocol."""

    def __init__(self, storage: Any) -> None:
        """Use the bucket, folder and client of the storage."""
        self.storage = storage
        self.client = storage.connection.meta.client
        self.bucket = storage.bucket_name
        self.location = storage.location

    def keep(self, path: Path, kept: Kept) -> None:
        """Upload the file; large ones go in parts that show only when all are there."""
        place = self._place(kept)
        with _asking("boto3"):
            try:
                extra = {"Metadata": {"sha256": kept.sha256}}
                self.client.upload_file(str(path), place["Bucket"], place["Key"], ExtraArgs=extra)
            except Exception as problem:
                # The answer may be lost although all was stored: what is there decides.
                if not self._is_whole(place, kept):
                    raise errors.StorageDown(type(problem).__name__) from problem
            if not self._is_whole(place, kept):
                raise errors.StorageDown("the stored size differs")

    def read(self, kept: Kept, start: int, stop: int) -> Iterator[bytes]:
        """Ask for the range at once, so that a file that is gone is told before the first byte."""
        with _asking("boto3"):
            if stop == start:  # no range names no bytes
                self.client.head_object(**self._place(kept))
                return iter(())
            span = f"bytes={start}-{stop - 1}"
            body = self.client.get_object(**self._place(kept), Range=span)["Body"]
        return _told("boto3", body.iter_chunks(CHUNK_BYTES))

    def remove(self, kept: Kept) -> None:
        """Delete the object and abort uploads of it that were begun."""
        place = self._place(kept)
        with _asking("boto3"):
            self.client.delete_object(**place)
            begun = self.client.list_multipart_uploads(Bucket=place["Bucket"], Prefix=place["Key"])
            for upload in begun.get("Uploads", ()):
                self.client.abort_multipart_upload(**place, UploadId=upload["UploadId"])

    def stored(self, before: datetime) -> Iterator[str]:
        """Yield the keys of the objects stored before a time."""
        folder = posixpath.join(self.location, "exports/").lstrip("/")
        with _asking("boto3"):
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=folder):
                for one in page.get("Contents", ()):
                    if one["LastModified"] < before:
                        yield _without(self.location, one["Key"])

    def link(self, kept: Kept, *, name: str, content_type: str, seconds: int) -> str:
        """Sign an address that gives the file to whoever has it, for so long."""
        answer = {
            "ResponseContentDisposition": f'attachment; filename="{name}"',
            "ResponseContentType": content_type,
            "ResponseCacheControl": "private, no-store",
        }
        with _asking("boto3"):
            address = self.storage.url(check_key(kept.key), parameters=answer, expire=seconds)
        return str(address)

    def _place(self, kept: Kept) -> dict[str, str]:
        key = posixpath.join(self.location, check_key(kept.key)).lstrip("/")
        return {"Bucket": self.bucket, "Key": key}

    def _is_whole(self, place: dict[str, str], kept: Kept) -> bool:
        from botocore.exceptions import ClientError

        try:
            head = self.client.head_object(**place)
        except ClientError:
            return False
        same = head["Metadata"].get("sha256") == kept.sha256
        return bool(same and head["ContentLength"] == kept.bytes)


class AzureVault:
    """A container of Azure Blob Storage."""

    def __init__(self, storage: Any) -> None:
        """Use the container and folder of the storage."""
        self.storage = storage
        self.container = storage.client
        self.location = storage.location or ""

    def keep(self, path: Path, kept: Kept) -> None:
        """Upload the file; its blocks show only when the last one is there."""
        blob = self._blob(kept)
        with _asking("azure"), path.open("rb") as source:
            metadata = {"sha256": kept.sha256}
            try:
                blob.upload_blob(source, length=kept.bytes, overwrite=True, metadata=metadata)
            except Exception as problem:
                # The answer may be lost although all was stored: what is there decides.
                if not self._is_whole(blob, kept):
                    raise errors.StorageDown(type(problem).__name__) from problem
            if not self._is_whole(blob, kept):
                raise errors.StorageDown("the stored size differs")

    def read(self, kept: Kept, start: int, stop: int) -> Iterator[bytes]:
        """Ask for the range at once, so that a file that is gone is told before the first byte."""
        with _asking("azure"):
            if stop == start:
                self._blob(kept).get_blob_properties()
                return iter(())
            stream = self._blob(kept).download_blob(offset=start, length=stop - start)
        return _told("azure", stream.chunks())

    def remove(self, kept: Kept) -> None:
        """Delete the blob; blocks without a blob are dropped by the service itself."""
        from azure.core.exceptions import ResourceNotFoundError

        with _asking("azure"):
            try:
                self._blob(kept).delete_blob()
            except ResourceNotFoundError:
                return

    def stored(self, before: datetime) -> Iterator[str]:
        """Yield the keys of the blobs stored before a time."""
        folder = posixpath.join(self.location, "exports/").lstrip("/")
        with _asking("azure"):
            for blob in self.container.list_blobs(name_starts_with=folder):
                if blob.last_modified < before:
                    yield _without(self.location, blob.name)

    def link(self, kept: Kept, *, name: str, content_type: str, seconds: int) -> str:
        """Sign an address that gives the file to whoever has it, for so long."""
        answer = {
            "content_disposition": f'attachment; filename="{name}"',
            "content_type": content_type,
            "cache_control": "private, no-store",
        }
        with _asking("azure"):
            address = self.storage.url(check_key(kept.key), expire=seconds, parameters=answer)
        return str(address)

    def _is_whole(self, blob: Any, kept: Kept) -> bool:
        from azure.core.exceptions import AzureError

        try:
            stored = blob.get_blob_properties()
        except AzureError:
            return False
        return bool(stored.metadata.get("sha256") == kept.sha256 and stored.size == kept.bytes)

    def _blob(self, kept: Kept) -> Any:
        key = posixpath.join(self.location, check_key(kept.key)).lstrip("/")
        return self.container.get_blob_client(key)


def _without(location: str, key: str) -> str:
    return key.removeprefix(location.strip("/")).lstrip("/")


def remote(storage: Storage) -> S3Vault | AzureVault:
    """Find the way to a storage by its class, subclasses included.

    Raises `SettingsError` for one that is neither S3 nor Azure nor a local folder.
    """
    names = {kind.__module__ for kind in type(storage).__mro__}
    for module, kind in KINDS.items():
        if module in names:
            return kind(storage)
    raise errors.SettingsError(
        f"{type(storage).__name__} cannot keep exports; accepted are local folders, S3 and Azure"
    )


KINDS: dict[str, Callable[[Any], S3Vault | AzureVault]] = {
    "storages.backends.s3": S3Vault,
    "storages.backends.azure_storage": AzureVault,
}
MISSING = {"NoSuchKey", "404", "NoSuchBucket"}


@contextmanager
def _asking(library: str) -> Iterator[None]:
    """Turn a client's errors into ours."""
    try:
        yield
    except errors.WaybillError:
        raise
    except OSError as problem:
        raise errors.StorageDown(type(problem).__name__) from problem
    except Exception as problem:
        if not type(problem).__module__.startswith(LIBRARIES[library]):
            raise
        if _missing(problem):
            raise errors.FileGone(field="file") from problem
        raise errors.StorageDown(type(problem).__name__) from problem


LIBRARIES = {"boto3": ("boto", "urllib3", "s3transfer"), "azure": ("azure", "requests")}


def _missing(problem: Any) -> bool:
    if type(problem).__name__ == "ResourceNotFoundError":
        return True
    answer = getattr(problem, "response", None)
    code = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    return code in MISSING


def _told(library: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    with _asking(library):
        yield from pieces
