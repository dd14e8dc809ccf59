"""Parsing what people send about certificates."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate

REASONS = [(reason.value, reason.label) for reason in Certificate.OF_REVOCATION]


class RevokeForm(forms.Form):
    reason = forms.ChoiceField(label=_("Public reason"), choices=REASONS)
    note = forms.CharField(label=_("Private note"), max_length=300, required=False)
    confirm = forms.BooleanField(label=_("I am sure; the public page will say revoked at once."))


class ReplaceForm(forms.Form):
    note = forms.CharField(label=_("Why is it replaced?"), max_length=300)
