"""Azure Blob by a client that loses patience soon, and sends small files in blocks too."""

from azure.storage.blob import BlobServiceClient, ExponentialRetry
from storages.backends.azure_storage import AzureStorage

__all__ = ["BLOCK", "QuickStorage"]

BLOCK = 1024 * 1024


class QuickStorage(AzureStorage):
    """The storage of django-storages, but for the client beneath it."""

    def _get_service_client(self):
        again = ExponentialRetry(
            initial_backoff=0, increment_base=0, random_jitter_range=0, retry_total=1
        )
        return BlobServiceClient.from_connection_string(
            self.connection_string,
            retry_policy=again,
            read_timeout=2,
            max_single_put_size=BLOCK,
            max_block_size=BLOCK,
        )
