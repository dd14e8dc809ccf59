"""One certificate: naive WeasyPrint against ours, by stage."""

import time
from collections.abc import Callable
from typing import Any

from bench import table
from certificates.codes import make_code
from certificates.pdf import art
from certificates.pdf.engine import CSS, Engine, compose
from certificates.rules import Printed
from certificates.services.render import store_file
from portal.demonstration import SIGNATURES

ROUNDS = 30


def main(json: dict[str, Any]) -> None:
    engine = Engine()
    naive = naive_page()
    rows = [
        ("naive HTML(string).write_pdf()", *measure(lambda: naive(example()), 8)),
        ("ours: draw", *measure(lambda: engine.draw(example()), ROUNDS)),
        ("  of it: page as HTML, name fitted", *measure(lambda: compose(example()), ROUNDS)),
        ("  of it: QR code as operators", *measure(lambda: art.qr([[1, 0] * 20] * 37, 0, 0, 68), ROUNDS)),
    ]
    content = engine.draw(example())
    from django.conf import settings  # noqa: PLC0415 - the data folder is the benchmark's own

    path = settings.CERTIFICATES_DIR / "bench.pdf"
    rows.append(("ours: store the file", *measure(lambda: store_file(path, content), ROUNDS)))
    table(("stage", "CPU ms median", "CPU ms min"), rows)
    ratio = rows[0][2] / rows[1][2]
    print(f"naive / ours: {ratio:.1f}    size: {len(content) / 1000:.1f} kB")
    json["certificates"] = {name.strip(): {"median_ms": median, "min_ms": least} for name, median, least in rows}
    json["certificates"]["ratio"] = ratio
    json["certificates"]["bytes"] = len(content)


def measure(act: Callable[[], Any], rounds: int) -> tuple[float, float]:
    act()
    figures = []
    for _ in range(rounds):
        start = time.process_time()
        act()
        figures.append(1000 * (time.process_time() - start))
    figures.sort()
    return figures[len(figures) // 2], figures[0]


def example() -> Printed:
    code = make_code()
    signatures = [{"name": "Amna Rauf", "title": "Director", "signature": each} for each in SIGNATURES]
    return Printed(
        code=code,
        serial=code,
        verify_url=f"https://verify.example.org/c/{code}/",
        name="Zainab Noor Malik",
        name_ur="زینب نور ملک",
        programme="Training in Emerging Technologies 2020",
        organisation="Software Export Board",
        course="Artificial Intelligence and Machine Learning",
        course_code="AI",
        cohort="AI-LHE-01",
        contact_hours=120,
        starts_on="2020-06-01",
        ends_on="2020-08-13",
        issued_on="2020-08-17",
        signatories=signatures,
    )


def naive_page() -> Callable[[Printed], bytes]:
    """The same page as anybody would first write it: style, frame and QR code as SVG in one HTML string."""
    import segno  # noqa: PLC0415
    import weasyprint  # noqa: PLC0415 - after Engine() named the fonts

    frame = art.as_svg(place='style="position: absolute; left: 0; top: 0; width: 841.89pt"')

    def draw(printed: Printed) -> bytes:
        qr = segno.make(printed.verify_url, error="m").svg_inline(scale=2)
        place = '<div style="left: 386pt; top: 438pt; width: 70pt">'
        page = compose(printed).replace("</head>", f"<style>{CSS}</style></head>")
        page = page.replace("<body>", f"<body>{frame}").replace("</body>", f"{place}{qr}</div></body>")
        return weasyprint.HTML(string=page).write_pdf()

    return draw
