"""HTML to PDF by WeasyPrint, in the worker; a report may fetch nothing at all."""

from typing import Any

from certificates.pdf.fonts import prepare_fonts


class FetchRefused(Exception):
    """A report asked for something outside; nothing may (R62)."""


def draw_report(html: str) -> bytes:
    """Return the report as PDF."""
    prepare_fonts()
    import weasyprint  # noqa: PLC0415 - WeasyPrint stays out of the web process
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    class RefusingFetcher(URLFetcher):
        """Opens nothing."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise FetchRefused(url[:60])

    fetcher = RefusingFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
    return weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf()
