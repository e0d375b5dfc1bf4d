"""Every word that pages take from the code can be translated."""

import pytest
from django.utils.functional import Promise
from django.utils.translation import override

from desk.assets.models import Asset
from desk.people.forms import NewPersonForm
from desk.tickets.models import Ticket


@pytest.mark.parametrize("model", [Ticket, Asset])
def test_the_labels_of_forms_and_of_the_history_can_be_translated(model: type[Ticket]) -> None:
    fields = [*model._meta.fields, *model._meta.many_to_many]
    named = [field.name for field in fields if not isinstance(field.verbose_name, Promise)]

    assert named == ["id"]


@pytest.mark.django_db
def test_the_rules_for_passwords_are_in_the_readers_language() -> None:
    rules = NewPersonForm().fields["password"].help_text

    with override("de"):
        assert "Das Passwort" in str(rules)
    with override("en"):
        assert "Your password" in str(rules)
