"""A wrong declaration is refused when its class is made, with what would be right."""

import subprocess
import sys

import django_filters
import pytest
from django.contrib.admin import AdminSite
from django.db.models import F, Value

from tests.sample.exports import NoteExport
from tests.sample.models import Crate, Note, Parcel, Remark, Seat, Shelf
from waybill import Column, Export, checks, errors, registry
from waybill.staff.admin import ExportAdmin


def declared(**given):
    body = {"name": "wrong", "model": Parcel, "columns": [Column("code")], **given}
    return type("WrongExport", (Export,), body)


class RegexFilter(django_filters.FilterSet):
    code = django_filters.CharFilter(lookup_expr="regex")


class LostFilter(django_filters.FilterSet):
    gone = django_filters.CharFilter("nowhere")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"columns": [Column("code"), Column("code")]}, "column 'code' is declared twice"),
        ({"columns": []}, "columns is empty"),
        ({"columns": [Column("two words")]}, "column 'two words' is not a plain word"),
        ({"columns": [Column("x", path="shelf__nmae")]}, "Shelf has no 'nmae'; it has id, name"),
        ({"columns": [Column("x", path="code__more")]}, "nothing can follow 'code'"),
        ({"columns": [Column("labels")]}, "ends at a relation: name one of its fields"),
        ({"columns": [Column("notes")]}, "ends at a relation: name one of its fields"),
        ({"columns": [Column("blob")]}, "binary values have no form"),
        ({"columns": [Column("x", path="code", expression=F("code"))]}, "one of path, expression"),
        ({"columns": [Column("x", function=str, uses=("code",))]}, "needs the kind"),
        ({"columns": [Column("x", function=str, uses=("cod",), kind="text")]}, "has no 'cod'"),
        ({"columns": [Column("code", otherwise="mask")]}, "otherwise needs requires"),
        ({"columns": [Column("code", requires="a.b", otherwise="x")]}, "otherwise is one of"),
        ({"columns": [Column("code", nested=("id",))]}, "nested needs a path across a relation"),
        ({"name": "two words"}, "name 'two words' is not a plain word"),
        ({"model": "parcel"}, "model is not a Django model"),
        ({"search": ["nope"]}, "Parcel has no 'nope'"),
        ({"created_field": "nope"}, "Parcel has no 'nope'"),
        ({"ordering": ("-nope",)}, "ordering '-nope' is not a column; columns are code"),
        ({"filters": RegexFilter}, "filter 'code': a regular expression"),
        ({"filters": LostFilter}, "filter 'gone': path 'nowhere'"),
        ({"filters": dict}, "filters is not a FilterSet"),
    ],
)
def test_a_mistake_is_told_with_its_class_and_place(given, said):
    with pytest.raises(errors.DeclarationError) as caught:
        declared(**given)
    assert str(caught.value).startswith("WrongExport: ")
    assert said in str(caught.value)


def test_a_generic_relation_is_refused_with_its_columns():
    """FAULTS 64."""
    with pytest.raises(errors.DeclarationError, match="use 'kind' and 'row'"):
        declared(model=Remark, columns=[Column("about")])


def test_a_child_needs_the_path_to_its_parent():
    child = type("LooseExport", (Export,), {"name": "l", "model": Note, "columns": [Column("id")]})
    with pytest.raises(errors.DeclarationError, match="LooseExport has no parent path"):
        declared(children=[child])


def test_two_classes_cannot_share_a_name():
    other = type(
        "OtherExport", (Export,), {"name": "parcels", "model": Shelf, "columns": [Column("id")]}
    )
    with pytest.raises(errors.DeclarationError, match="ParcelExport is already named 'parcels'"):
        registry.register(other)


def test_a_resource_that_there_is_not_is_refused_with_those_that_are():
    with pytest.raises(errors.ResourceUnknown, match=r"no export named “nope”.*parcels"):
        registry.get("nope")


@pytest.mark.parametrize(("path", "kind"), [("id", "uuid"), ("words", "array"), ("pk", "uuid")])
def test_the_kind_of_a_column_is_that_of_its_field(path, kind):
    assert Column(path).resolved_kind(Crate) == kind


def test_a_check_finds_an_expression_without_a_kind(monkeypatch):
    made = declared(columns=[Column("x", expression=F("code") + Value(1))])()
    monkeypatch.setitem(registry.EXPORTS, "wrong", made)
    found = [message for message in checks.check_exports(None) if "WrongExport" in message.msg]
    assert [message.id for message in found] == ["waybill.E002"]


def test_a_check_finds_child_rows_of_rows_without_a_key_of_one_column(monkeypatch):
    made = declared(model=Seat, columns=[Column("word")])()
    monkeypatch.setitem(registry.EXPORTS, "wrong", made)
    assert not list(checks.check_exports(None))
    monkeypatch.setattr(type(made), "children", [NoteExport])
    [found] = checks.check_exports(None)
    assert (found.id, "key of Seat" in found.msg) == ("waybill.E011", True)


def test_a_check_finds_an_unknown_setting(settings):
    settings.WAYBILL = {"lokc_seconds": 3}
    (found,) = checks.check_setting(None)
    assert found.id == "waybill.E001"
    assert "lokc_seconds" in found.msg


class ModellessFilter(django_filters.FilterSet):
    code = django_filters.CharFilter()


def test_filters_that_name_no_model_are_of_the_model_of_their_export():
    export = declared(filters=ModellessFilter)

    assert export.filters._meta.model is Parcel
    assert [*export.filters.base_filters] == ["code"]


def test_a_check_finds_a_log_without_its_triggers(settings):
    settings.WAYBILL = {"guard_log": False}
    assert [found.id for found in checks.check_guard(None)] == ["waybill.W003"]


def test_a_check_finds_that_the_script_of_the_pages_is_missing(settings):
    assert not [*checks.check_apps(None)]
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "django_htmx"]
    assert [found.id for found in checks.check_apps(None)] == ["waybill.E007"]


@pytest.mark.urls("desk.mail.urls")
def test_a_check_finds_a_button_whose_pages_have_no_address():
    found = ExportAdmin(Parcel, AdminSite()).check()
    assert [one.id for one in found] == ["waybill.E012"]
    assert "waybill.urls" in found[0].hint


def test_a_project_without_the_app_is_told_to_add_it():
    used = (
        "import django; from django.conf import settings;"
        " apps = ['django.contrib.contenttypes', 'django.contrib.auth'];"
        " settings.configure(INSTALLED_APPS=apps); django.setup(); import waybill.models"
    )
    ended = subprocess.run(
        [sys.executable, "-c", used], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.endswith('ImproperlyConfigured: Add "waybill" to INSTALLED_APPS.\n')
