"""The people of the stories: Ada, Ben, Cleo and Dan."""

import pytest

from desk.people.groups import save_role
from desk.people.models import Role, User
from desk.people.rights import Right

__all__ = ["ada", "ben", "cleo", "dan", "exporters"]

PASSWORD = "walrus-lantern-42"


def _person(name: str, *, admin: bool = False, roles: tuple[Role, ...] = ()) -> User:
    person = User.objects.create_user(
        name,
        password=PASSWORD,
        display_name=name.title(),
        email=f"{name}@desk.example",
        is_admin=admin,
    )
    person.roles.set(roles)
    return person


@pytest.fixture
def exporters(db: None) -> Role:
    """The role of those who may export tickets and assets."""
    rights = [Right.IMPORT_EXPORT_TICKETS, Right.EXPORT_ASSETS]
    return save_role(Role(), name="Exporters", rights=rights, by=None)


@pytest.fixture
def ada(exporters: Role) -> User:
    """An administrator with both rights."""
    return _person("ada", admin=True, roles=(exporters,))


@pytest.fixture
def ben(exporters: Role) -> User:
    """Somebody with both rights who is no administrator."""
    return _person("ben", roles=(exporters,))


@pytest.fixture
def cleo(db: None) -> User:
    """An administrator without rights."""
    return _person("cleo", admin=True)


@pytest.fixture
def dan(db: None) -> User:
    """An agent with nothing."""
    return _person("dan")
