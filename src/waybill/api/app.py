"""The API as one object, and its addresses; a host includes `waybill.api.urls`."""

import waybill
from waybill.api import callers, exporting, fetching, following, problems, proof
from waybill.api.document import DocumentedAPI

__all__ = ["api"]

api = DocumentedAPI(
    title="Waybill",
    version=waybill.__version__,
    description="Start, follow and fetch exports.",
    auth=callers.authentication(),
    urls_namespace="waybill-api",
)
# The fixed addresses come first: a resource may be called anything.
api.add_router("", following.router)
api.add_router("", fetching.router)
api.add_router("", proof.router)
api.add_router("", exporting.router)
problems.watch(api)
