"""Parsing what people send about certificates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, ProblemReport

REVOCATION = [(reason.value, reason.label) for reason in Certificate.OF_REVOCATION]
REPLACEMENT = [(reason.value, reason.label) for reason in Certificate.OF_REPLACEMENT]


class RevokeForm(forms.Form):
    reason = forms.ChoiceField(label=_("Public reason"), choices=REVOCATION, help_text=_("Anybody can read it."))
    note = forms.CharField(
        label=_("Private note"), max_length=300, required=False, help_text=_("For the office; never shown in public.")
    )


class ReplaceForm(forms.Form):
    reason = forms.ChoiceField(label=_("Public reason"), choices=REPLACEMENT, required=False)
    note = forms.CharField(
        label=_("Private note"),
        max_length=300,
        required=False,
        help_text=_("What proves the change, as an identity card that you saw; no numbers of it."),
    )

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if certificate.expires_on is None:
            self.fields["reason"].choices = [  # type: ignore[attr-defined]
                (value, label) for value, label in REPLACEMENT if value != Certificate.Reason.RENEWAL
            ]

    def clean_reason(self) -> str:
        return self.cleaned_data["reason"] or Certificate.Reason.NAME


class ReportForm(forms.ModelForm):
    """What anybody tells us about a certificate."""

    class Meta:
        model = ProblemReport
        fields = ["kind", "text", "email"]
        labels = {"kind": _("What is wrong?"), "text": _("In your words"), "email": _("Your e-mail")}
        help_texts = {
            "text": _("Please write no identity numbers here."),
            "email": _("Only if you want an answer."),
        }
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}
