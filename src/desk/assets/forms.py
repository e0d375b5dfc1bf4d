"""The form of an asset."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.assets.models import Asset, AssetStatus, Location
from desk.staff import bulk
from desk.staff.fields import DayField, TextField, keep_shown
from desk.staff.holding import offer_holders

__all__ = ["AssetForm", "BulkForm"]


class AssetForm(forms.ModelForm[Asset]):
    """Everything that people write into an asset."""

    name = TextField(label=_("Name"), max_length=300)
    serial_number = TextField(
        label=_("Serial number"), required=False, max_length=200, empty_value=None
    )
    purchase_date = DayField(label=_("Purchased"), required=False)
    warranty_expiry_date = DayField(label=_("Warranty until"), required=False)

    class Meta:
        model = Asset
        fields = (
            "name",
            "asset_tag",
            "serial_number",
            "asset_type",
            "manufacturer",
            "status",
            "location",
            "assigned_to",
            "purchase_date",
            "warranty_expiry_date",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer whoever may log in, and the present holder who may have left."""
        super().__init__(*args, **kwargs)
        offer_holders(self)
        if self.instance.pk:
            keep_shown(self)

    def clean(self) -> dict[str, Any]:
        """Refuse a warranty that ends before the purchase."""
        data = super().clean() or {}
        bought, ends = data.get("purchase_date"), data.get("warranty_expiry_date")
        if bought and ends and ends < bought:
            self.add_error("warranty_expiry_date", _("The warranty ends before the purchase."))
        return data

    def changes(self) -> dict[str, Any]:
        """Give the fields that came back different from what the page showed."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class BulkForm(bulk.BulkForm):
    """One change for every selected asset."""

    status = forms.ModelChoiceField(AssetStatus.objects.all(), required=False)
    location = forms.ModelChoiceField(Location.objects.all(), required=False)
