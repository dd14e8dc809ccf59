"""One certificate by stage: naive, laid out from the beginning, laid out once; then all in."""

import os
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.utils import timezone

from bench import table
from bench.batch import make_graduates
from certificates.codes import make_code
from certificates.credential import keys
from certificates.credential.build import as_json, build_credential
from certificates.credential.did import did_of
from certificates.credential.sign import CredentialKey, sign_document, sign_jwt
from certificates.models import Certificate
from certificates.pdf import art
from certificates.pdf.design import shipped
from certificates.pdf.engine import BASE, Engine, compose
from certificates.pdf.markup import compile_markup
from certificates.pdf.seal import Sealer
from certificates.rules import Printed
from certificates.services import designs
from certificates.services.issue import issue_certificates
from certificates.services.keys import make_keys
from certificates.services.render import Steps, render_certificates, store_file
from certificates.tasks import draw_certificate, draw_preview, make_steps, warm_up
from portal.demonstration import SIGNATURES
from tests.factories import LATER
from trainees.services.messages import due_messages, send_message

ROUNDS = 30
AT = datetime(2020, 8, 17, 9, tzinfo=UTC)


def main(json: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        drawing(json, Path(folder))
    json["certificates"] |= whole(int(os.environ.get("HUNAR_BENCH_COUNT", "200")))


def drawing(json: dict[str, Any], folder: Path) -> None:
    """The file alone: naive, laid out from the beginning, laid out once; with what is done to it afterwards."""
    anew, once, sealer, key = Engine(keeps_layouts=False), Engine(), make_sealer(folder), make_key(folder)
    naive, pieces = naive_page(), compile_markup(shipped().markup)[0]
    document = as_json(certify(example(), key))
    drawn = once.draw(example(), document, shipped(), at=AT, room=sealer.room)
    sealed = sealer.sign(drawn, at=AT)

    def draw(engine: Engine) -> bytes:
        return engine.draw(example(), document, shipped(), at=AT, room=sealer.room)

    rows = [
        ("draw, naive: HTML(string).write_pdf()", *measure(lambda: naive(example()), 8)),
        ("draw, laid out from the beginning", *measure(lambda: draw(anew), ROUNDS)),
        ("draw, laid out once", *measure(lambda: draw(once), ROUNDS)),
        ("  of it: page as HTML, names fitted", *measure(lambda: compose(example(), pieces), ROUNDS)),
        ("  of it: QR code as operators", *measure(lambda: art.qr([[1, 0] * 20] * 37, 0, 0, 68), ROUNDS)),
        ("credential in both forms", *measure(lambda: certify(example(), key), ROUNDS)),
        ("signature on the file", *measure(lambda: sealer.sign(drawn, at=AT), ROUNDS)),
        ("picture for a shared link", *measure(lambda: draw_preview(example()), ROUNDS)),
        ("file written and synced", *measure(lambda: store_file(folder / "one.pdf", sealed), ROUNDS)),
    ]
    table(("stage", "CPU ms median", "CPU ms min"), rows)
    ratios = [rows[0][2] / row[2] for row in rows[1:3]]
    print(f"naive / ours: {ratios[0]:.1f} and {ratios[1]:.1f}    size: {len(sealed) / 1000:.1f} kB\n")
    json["certificates"] = {name.strip(): {"median_ms": median, "min_ms": least} for name, median, least in rows}
    json["certificates"] |= {"ratios": ratios, "bytes": len(sealed)}


def whole(count: int) -> dict[str, Any]:
    """Issue to a cohort and make the certificates as the worker does; print CPU by stage and memory on the way."""
    cohort = make_graduates(2 * count)
    make_keys(by=None, at=LATER)
    issue_certificates(cohort=cohort, by=None, at=LATER)
    warm_up()
    ids, steps = list(Certificate.objects.order_by("id").values_list("pk", flat=True)), make_steps()
    anew = replace(steps, draw=partial(draw_certificate, Engine(designs.find_picture, keeps_layouts=False)))
    figures: dict[str, dict[str, float]] = {}
    held: list[tuple[int, float]] = []
    for name, each, part in (("from the beginning", anew, ids[:count]), ("laid out once", steps, ids[count:])):
        spent: dict[str, list[float]] = defaultdict(list)
        for number, pk in enumerate(part, start=1):
            one = partial(render_certificates, certificate_ids=[pk], steps=timed(each, spent), clock=timezone.now)
            spent["all"].append(cpu_of(one))
            if each is steps and number in (1, 500, 2000, count):
                held.append((number, resident()))
        figures[name] = {stage: sorted(times)[len(times) // 2] for stage, times in spent.items()}
        figures[name]["database and the rest"] = 2 * figures[name]["all"] - sum(figures[name].values())
    mails = [cpu_of(partial(send_message, key=key, at=timezone.now())) for key in due_messages(at=timezone.now())]
    for each in figures.values():
        each["mail sent"] = sorted(mails)[len(mails) // 2]
    table(("all in, CPU ms median", *figures), [(stage, *(of[stage] for of in figures.values())) for stage in each])
    table(("memory after", "MB resident"), held)
    assert Certificate.objects.filter(state="issued").count() == 2 * count
    return {"all in": figures, "memory_mb": held}


def timed(steps: Steps, spent: dict[str, list[float]]) -> Steps:
    """Return the steps with a watch on each; both files are one stage."""

    def watch(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            try:
                return act(*args, **kwargs)
            finally:
                spent[name].append(1000 * (time.process_time() - start))

        return watched

    return replace(steps, **{each.name: watch(each.name, getattr(steps, each.name)) for each in fields(steps)})


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1_000_000


def cpu_of(act: Callable[[], Any]) -> float:
    start = time.process_time()
    act()
    return 1000 * (time.process_time() - start)


def make_sealer(folder: Path) -> Sealer:
    root = keys.make_root(folder, "root", host="example.org", at=AT)
    keys.make_document_key(folder, "document", root=root, root_name="root", host="example.org", at=AT)
    return keys.load_sealer(folder, "document")


def make_key(folder: Path) -> CredentialKey:
    keys.make_credential_key(folder, "credential")
    return CredentialKey("credential", keys.load_credential_key(folder, "credential"))


def certify(printed: Printed, key: CredentialKey) -> dict[str, Any]:
    document, did = (
        build_credential(printed, edition=1, status_index=7, issued_at=AT),
        did_of("https://verify.example.org"),
    )
    sign_jwt(document, key=key, did=did)
    return sign_document(document, key=key, did=did, at=AT)


def measure(act: Callable[[], Any], rounds: int) -> tuple[float, float]:
    act()
    figures = sorted(cpu_of(act) for _ in range(rounds))
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

    pieces = compile_markup(shipped().markup)[0]
    frame = art.as_svg(place='style="position: absolute; left: 0; top: 0; width: 841.89pt"')

    def draw(printed: Printed) -> bytes:
        qr = segno.make(printed.verify_url, error="m").svg_inline(scale=2)
        place = '<div style="left: 386pt; top: 438pt; width: 70pt">'
        page = compose(printed, pieces).replace("</head>", f"<style>{BASE}{shipped().style}</style></head>")
        page = page.replace("<body>", f"<body>{frame}").replace("</body>", f"{place}{qr}</div></body>")
        return weasyprint.HTML(string=page).write_pdf()

    return draw
