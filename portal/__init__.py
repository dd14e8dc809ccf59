"""The product as a whole: settings, addresses, the API's root, background work, pages that span apps."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
