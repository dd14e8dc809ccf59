"""Parsing what people send about themselves after they are registered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trainees import rules
from trainees.models import Trainee, User


class NameForm(forms.Form):
    """The two names as certificates print them, and why they should change."""

    full_name = forms.CharField(label=_("Full name"), max_length=300, help_text=_("As on your CNIC."))
    full_name_ur = forms.CharField(
        label=_("Full name in Urdu"),
        max_length=300,
        required=False,
        help_text=_("Also printed, if you give it."),
        widget=forms.TextInput(attrs={"lang": "ur", "dir": "rtl"}),
    )
    reason = forms.CharField(
        label=_("Why it must change"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed once your course has started; a slip of one or two letters is put right at once."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _drop_null_check(field)

    def clean_full_name(self) -> str:
        return rules.require(rules.read_name(self.cleaned_data["full_name"]))

    def clean_full_name_ur(self) -> str:
        return rules.require(rules.read_name_ur(self.cleaned_data["full_name_ur"]))

    @property
    def names(self) -> tuple[str, str]:
        return self.cleaned_data["full_name"], self.cleaned_data["full_name_ur"]


class ContactForm(forms.Form):
    """Phone and district."""

    mobile = forms.CharField(
        label=_("Mobile"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "tel", "dir": "ltr"})
    )
    district = forms.CharField(label=_("District"), max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _drop_null_check(field)

    def clean_mobile(self) -> str:
        return rules.require(rules.read_mobile(self.cleaned_data["mobile"]))

    def clean_district(self) -> str:
        district = rules.require(rules.read_words(self.cleaned_data["district"], limit=80))
        if not district:
            raise forms.ValidationError(_("This field is required."), code="required")
        return district


class AddressForm(forms.Form):
    """A new e-mail address; it counts once the link sent there is opened."""

    email = forms.CharField(
        label=_("New e-mail address"),
        max_length=320,
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "dir": "ltr"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _drop_null_check(self.fields["email"])

    def clean_email(self) -> str:
        return rules.require(rules.read_email(self.cleaned_data["email"]))


class LanguageForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language of pages and mails"),
        choices=User.Language.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose one of the answers.")},
    )


class DecisionForm(forms.Form):
    """The office's answer to a request."""

    decision = forms.ChoiceField(
        choices=[("approve", _("Approve")), ("refuse", _("Refuse"))],
        error_messages={"invalid_choice": _("Choose one of the answers.")},
    )
    note = forms.CharField(label=_("Note to the person"), max_length=500, required=False)


class MergeForm(forms.Form):
    """Which record is merged into this one, by its number."""

    other = forms.CharField(label=_("Number of the other record"), max_length=30)

    def clean_other(self) -> Trainee:
        number = rules.clean_text(self.cleaned_data["other"])
        trainee = Trainee.objects.filter(number__iexact=number).first()
        if trainee is None:
            raise forms.ValidationError(_("There is no trainee with this number."), code="unknown")
        return trainee


def _drop_null_check(field: forms.Field) -> None:
    """Let the readings drop a NUL as they drop everything invisible, instead of an error that nobody understands."""
    field.validators = [each for each in field.validators if "NullCharacters" not in type(each).__name__]
