"""The programme office's pages of cohorts and trainees."""

from cohorts.views.manage.access import OfficeMixin, require_office

__all__ = ["OfficeMixin", "require_office"]
