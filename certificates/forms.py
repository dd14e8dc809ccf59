"""Parsing what people send about certificates."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, ProblemReport

REASONS = [(reason.value, reason.label) for reason in Certificate.OF_REVOCATION]


class RevokeForm(forms.Form):
    reason = forms.ChoiceField(label=_("Public reason"), choices=REASONS)
    note = forms.CharField(label=_("Private note"), max_length=300, required=False)
    confirm = forms.BooleanField(label=_("I am sure; the public page will say revoked at once."))


class ReplaceForm(forms.Form):
    note = forms.CharField(label=_("Why is it replaced?"), max_length=300)


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
