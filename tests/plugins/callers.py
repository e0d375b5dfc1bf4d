"""Callers of the API: a test client with a person's token."""

from collections.abc import Callable

import pytest
from django.test import Client

from desk.people.models import User
from desk.people.tokens import create_token

__all__ = ["calling"]


@pytest.fixture
def calling(db: None) -> Callable[[User], Client]:
    """Give a client that calls the API as a person, by a token of theirs."""

    def client(person: User, **token: object) -> Client:
        _token, text = create_token(person, name="test", by=None, **token)
        return Client(headers={"Authorization": f"Bearer {text}"})

    return client
