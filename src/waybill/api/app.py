"""The API as one object, and its addresses; a host includes `waybill.api.urls`."""

import waybill
from waybill.api import callers, exporting, fetching, following, problems, proof
from waybill.api.document import DocumentedAPI, with_heads

__all__ = ["api"]

api = DocumentedAPI(
    title="Waybill",
    version=waybill.__version__,
    description="Start, follow and fetch exports.",
    auth=callers.authentication(),
    urls_namespace="waybill-api",
)
# The fixed addresses come first: a resource may be called anything.
for router in (following.router, fetching.router, proof.router, exporting.router):
    with_heads(router)
    api.add_router("", router)
problems.watch(api)
