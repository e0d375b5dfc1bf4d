"""Object stores of this machine: moto's S3 server and azurite, and boxes in them to fill."""

import importlib.util
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.files.storage import storages

from tests.plugins.required import require

__all__ = ["AZURE_KEY", "AZURE_NAME", "Bucket", "Container", "azure_server", "bucket", "s3_server"]

# The well-known key of the emulator: it opens nothing but a server on this machine.
AZURE_NAME = "devstoreaccount1"
AZURE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def s3_server():
    """Give the address of an S3 server."""
    require(present=importlib.util.find_spec("moto") is not None, why="moto is not installed")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    yield f"http://127.0.0.1:{server._server.server_port}"
    server.stop()


@pytest.fixture(scope="session")
def azure_server():
    """Give the address of an Azure Blob server, with the account's name."""
    program = require(program=os.environ.get("WAYBILL_TEST_AZURITE", "azurite-blob"))
    port = free_port()
    switches = "--silent --inMemoryPersistence --skipApiVersionCheck --disableTelemetry"
    server = subprocess.Popen(
        [program, "--blobPort", str(port), *switches.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(port)
    yield f"http://127.0.0.1:{port}/{AZURE_NAME}"
    server.kill()
    server.wait()


def wait_for(port):
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("azurite does not answer")


@dataclass(frozen=True)
class Bucket:
    """A bucket of a test's own."""

    address: str
    name: str

    @classmethod
    def made(cls, address):
        """Make it."""
        bucket = cls(address, f"exports-{uuid4().hex[:12]}")
        bucket.client().create_bucket(Bucket=bucket.name)
        return bucket

    def client(self):
        """Give a client that looks into it from outside."""
        import boto3

        secret = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client("s3", "us-east-1", endpoint_url=self.address, **secret)

    @property
    def storage(self):
        """Give the entry of `STORAGES`."""
        options = {
            "bucket_name": self.name,
            "endpoint_url": self.address,
            "access_key": "test",
            "secret_key": "test",
            "region_name": "us-east-1",
            "location": "desk",
        }
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}

    @property
    def url(self):
        """Give the address for `STORAGE_URL`."""
        where = f"endpoint_url={quote(self.address)}&region_name=us-east-1"
        return f"s3://test:test@{self.name}/desk?{where}"

    def keys(self):
        """List what is stored."""
        client = self.client()
        found = client.list_objects_v2(Bucket=self.name).get("Contents", ())
        client.close()
        return [one["Key"] for one in found]

    def uploads(self):
        """List the uploads in parts that were begun."""
        client = self.client()
        found = client.list_multipart_uploads(Bucket=self.name).get("Uploads", ())
        client.close()
        return [one["Key"] for one in found]


@dataclass(frozen=True)
class Container:
    """A container of a test's own."""

    address: str
    name: str

    @classmethod
    def made(cls, address):
        """Make it."""
        box = cls(address, f"exports-{uuid4().hex[:12]}")
        with box.client() as client:
            client.create_container()
        return box

    @property
    def connection(self):
        """Give the connection string."""
        said = f"DefaultEndpointsProtocol=http;AccountName={AZURE_NAME};AccountKey={AZURE_KEY}"
        return f"{said};BlobEndpoint={self.address};"

    def client(self):
        """Give a client that looks into it from outside."""
        from azure.storage.blob import ContainerClient

        return ContainerClient.from_connection_string(self.connection, self.name)

    @property
    def storage(self):
        """Give the entry of `STORAGES`."""
        options = {
            "connection_string": self.connection,
            "azure_container": self.name,
            "location": "desk",
        }
        return {"BACKEND": "storages.backends.azure_storage.AzureStorage", "OPTIONS": options}

    @property
    def url(self):
        """Give the address for `STORAGE_URL`."""
        return f"azure://{self.name}/desk?connection_string={quote(self.connection)}"

    def keys(self):
        """List what is stored."""
        with self.client() as client:
            return [one.name for one in client.list_blobs()]


@pytest.fixture
def bucket(s3_server, settings):
    """Keep exports in a bucket; workers are told of it by `STORAGE_URL`."""
    made = Bucket.made(s3_server)
    settings.STORAGES = {**settings.STORAGES, "exports": made.storage}
    settings.WAYBILL = {**settings.WAYBILL, "storage": "exports"}
    yield made
    storages["exports"].connection.meta.client.close()
