"""HTML to PDF by WeasyPrint, in the worker; a report may fetch nothing at all."""

from typing import Any

from certificates.pdf.fonts import prepare_fonts


class FetchRefused(Exception):
    """A report asked for something outside; nothing may (R62)."""


def draw_report(html: str) -> bytes:
    """Return the report as PDF/UA: a screen reader is told headings, tables with their heads, and pictures in words."""
    prepare_fonts()
    import weasyprint  # noqa: PLC0415 - WeasyPrint stays out of the web process
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    class RefusingFetcher(URLFetcher):
        """Opens nothing."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise FetchRefused(url[:60])

    fetcher = RefusingFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
    return weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1", finisher=_tell_heads)


def _tell_heads(document: Any, pdf: Any) -> None:
    """Say of each head of a table whether it heads a column or a row, as PDF/UA wants it and WeasyPrint does not."""

    def over(element: Any) -> Any:
        return pdf.objects[int(element["P"].split()[0])]

    for each in pdf.objects:
        if isinstance(each, dict) and each.get("S") == "/TH" and "A" in each:
            each["A"]["Scope"] = "/Column" if over(over(each))["S"] == "/THead" else "/Row"
