from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

from trainees.words import index_words


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        # Django creates permissions after the last migration, so the groups that hold them cannot
        # be made by a migration: this is the one moment to bring them up to date. The auth app is
        # told after every app of ours (settings.INSTALLED_APPS); an app without models is not told.
        from portal.figures.watching import watch_changes
        from portal.roles import ensure_groups

        post_migrate.connect(ensure_groups, sender=apps.get_app_config("auth"))
        # SQLite drops the triggers of a table that a migration rebuilds.
        post_migrate.connect(watch_changes, sender=apps.get_app_config("auth"))
        post_migrate.connect(index_words, sender=apps.get_app_config("auth"))
