"""The addresses of the API, to be included by a host: `path("api/v1/", include(...))`."""

from django.urls import URLPattern, URLResolver, path

from waybill.api import problems
from waybill.api.app import api

__all__ = ["urlpatterns"]


def told(one: URLPattern | URLResolver) -> URLPattern | URLResolver:
    """Have the view of an address refuse as the rest of the API does."""
    if isinstance(one, URLResolver):
        return one
    return URLPattern(one.pattern, problems.told(one.callback), one.default_args, one.name)


# Not "app_name": include() would take that for the namespace of this module.
routes, name, namespace = api.urls
urlpatterns = [path("", ([told(one) for one in routes], name, namespace))]
