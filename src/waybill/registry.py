"""The exports that are registered, by name."""

from typing import Any

from django.utils.module_loading import autodiscover_modules

from waybill import errors
from waybill.declare.exports import Export

__all__ = ["autodiscover", "get", "names", "register", "registered", "title"]

EXPORTS: dict[str, Export] = {}


def register[E: Export](cls: type[E]) -> type[E]:
    """Register an export class; to be used as a decorator.

    Raises `DeclarationError` where another class has the name.
    """
    known = EXPORTS.get(cls.name)
    if known is not None and place(type(known)) != place(cls):
        raise errors.DeclarationError(
            f"{place(cls)}: {place(type(known))} is already named {cls.name!r}"
        )
    EXPORTS[cls.name] = cls()
    return cls


def place(cls: type[Export]) -> str:
    """Say where a class is declared: a module that is loaded again brings the same one."""
    return f"{cls.__module__}.{cls.__qualname__}"


def get(name: str) -> Export:
    """Find an export; raises `ResourceUnknown` with the names there are."""
    try:
        return EXPORTS[name]
    except KeyError:
        raise errors.ResourceUnknown(field="resource", value=name, accepted=names()) from None


def title(name: str) -> Any:
    """Name what an export is of, in words of the reader's language; raises `ResourceUnknown`."""
    export = get(name)
    return export.title or export.model._meta.verbose_name_plural


def names() -> tuple[str, ...]:
    """Name every registered export, sorted."""
    return tuple(sorted(EXPORTS))


def registered() -> tuple[Export, ...]:
    """Give every registered export, sorted by name."""
    return tuple(EXPORTS[name] for name in names())


def autodiscover() -> None:
    """Import `exports` of every installed app."""
    autodiscover_modules("exports")
