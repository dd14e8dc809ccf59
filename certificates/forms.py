"""Parsing what people send about certificates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, ProblemReport, Signatory
from certificates.services.elsewhere import HolderNames
from courses.models import Course, Programme

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

    name = forms.CharField(label=_("Name"), max_length=120)
    name_ur = forms.CharField(
        label=_("Name in Urdu"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"class": "hn-ur", "lang": "ur", "dir": "rtl"}),
    )

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if certificate.enrolment_id:  # then the names are the trainee's
            del self.fields["name"], self.fields["name_ur"]
        else:
            self.initial = {"name": certificate.name, "name_ur": certificate.printed.get("name_ur", "")}
        if certificate.expires_on is None:
            self.fields["reason"].choices = [  # type: ignore[attr-defined]
                (value, label) for value, label in REPLACEMENT if value != Certificate.Reason.RENEWAL
            ]

    def clean_reason(self) -> str:
        return self.cleaned_data["reason"] or Certificate.Reason.NAME

    def clean(self) -> dict[str, Any]:
        """Put the names together, as the service takes them."""
        values = super().clean() or {}
        if "name" in values:
            values["names"] = HolderNames(values.pop("name"), values.pop("name_ur", ""))
        return values


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


class DesignForm(forms.Form):
    """A design of a programme or a course."""

    scope = forms.ChoiceField(label=_("For"), help_text=_("A course's own design goes before its programme's."))
    markup = forms.CharField(label=_("Page (HTML)"), widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false"}))
    style = forms.CharField(
        label=_("Style (CSS)"), required=False, widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false"})
    )
    frame = forms.BooleanField(label=_("With the interlaced frame and the emblem"), required=False)
    picture = forms.FileField(
        label=_("Logo"), required=False, help_text=_('PNG or JPEG, up to 5 MB; drawn at the place with id="logo".')
    )
    no_logo = forms.BooleanField(label=_("Without a logo"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programmes = [(f"programme-{each.pk}", each.title) for each in Programme.objects.order_by("title")]
        courses = [(f"course-{each.pk}", each.title) for each in Course.objects.order_by("title")]
        self.fields["scope"].choices = [*programmes, *courses]  # type: ignore[attr-defined]

    def clean_scope(self) -> Programme | Course:
        kind, _hyphen, number = self.cleaned_data["scope"].partition("-")
        return Programme.objects.get(pk=number) if kind == "programme" else Course.objects.get(pk=number)


class SignatoryForm(forms.ModelForm):
    """Somebody who signs."""

    image = forms.FileField(
        label=_("Picture of the signature"),
        required=False,
        help_text=_("PNG with a transparent ground, or JPEG, up to 5 MB. It takes the place of the drawn one."),
    )

    class Meta:
        model = Signatory
        fields = ["name", "title", "programme", "course", "position"]
        labels = {
            "name": _("Name"),
            "title": _("Title"),
            "programme": _("Only for the programme"),
            "course": _("Only for the course"),
            "position": _("Place: 1 left, 2 right"),
        }
