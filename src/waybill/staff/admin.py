"""Exports from the change lists of Django's admin: `class BookAdmin(ExportAdmin)`."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core import checks
from django.core.checks import CheckMessage
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from waybill import errors, registry
from waybill.declare.exports import Export
from waybill.declare.policy import may_start
from waybill.staff import dialog, listed
from waybill.staff.access import person

__all__ = ["ExportAdmin"]


class ExportAdmin(admin.ModelAdmin[Any]):
    """A ModelAdmin whose list can be exported, as it is filtered, searched and sorted.

    `export` names the registered export; without it, the one of this model is taken. The button
    and the action are there for whoever may start that export, and lead to its dialog.
    """

    export = ""
    change_list_template = "waybill/admin/change_list.html"

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        """Keep the action beside those that a class names of its own."""
        super().__init__(model, admin_site)
        if self.actions is not None and "export_selected" not in self.actions:
            self.actions = ["export_selected", *self.actions]

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """E008: the export to offer cannot be told; E012: its pages have no address."""
        found = super().check(**kwargs)
        try:
            reverse("waybill:history")
        except NoReverseMatch:
            hint = 'Add path("exports/", include("waybill.urls")) to the addresses of the site.'
            wrong = "The button leads to pages that have no address."
            found.append(checks.Error(wrong, hint=hint, obj=type(self), id="waybill.E012"))
        try:
            self._export()
        except errors.ResourceUnknown as problem:
            hint = "Name a registered export in the attribute export."
            found.append(checks.Error(str(problem), hint=hint, obj=type(self), id="waybill.E008"))
        return found

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the button."""
        view = self.admin_site.admin_view(self.export_view)
        own = path("export/", view, name=self._own_name())
        return [own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, with a button for whoever may export it."""
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None) or {}
        if (
            isinstance(response, TemplateResponse)
            and "cl" in shown
            and self.has_export_permission(request)
        ):
            query = shown["cl"].get_query_string()
            shown["export_address"] = reverse(f"admin:{self._own_name()}") + query
        return response

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Say whether the person may start the export."""
        return may_start(person(request), self._export())

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Lead from the list to the dialog, with what the list shows."""
        export = self._export()
        return self._asked(
            request,
            lambda: listed.form_of(self.get_changelist_instance(request), export, person(request)),
        )

    @admin.action(permissions=["export"], description=_("Export selected %(verbose_name_plural)s"))
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        """Lead from the selected rows to the dialog; all of the list's rows are its filters."""
        if request.POST.get("select_across") == "1":
            return self.export_view(request)
        keys = queryset.values_list("pk", flat=True)
        return self._asked(request, lambda: listed.selection(keys))

    def _asked(self, request: HttpRequest, form: Callable[[], QueryDict]) -> HttpResponseBase:
        try:
            return dialog.dialog(request, self._export().name, form=form())
        except errors.TooMuch as refused:
            said = _("These filters cannot be exported, and the rows are too many to name each.")
            messages.error(request, f"{said} {refused}")
            back = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
            return redirect(f"{reverse(back)}?{request.GET.urlencode()}")

    def _export(self) -> Export:
        """Find the export; raises `ResourceUnknown` where none or several are of this model."""
        if self.export:
            return registry.get(self.export)
        found = [one for one in registry.registered() if one.model is self.model]
        if len(found) != 1:
            names = [one.name for one in found]
            raise errors.ResourceUnknown(field="export", value=self.opts.label, accepted=names)
        return found[0]

    def _own_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_export"
