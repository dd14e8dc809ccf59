"""One certificate: naive WeasyPrint against ours, by stage, then whole batches with their memory."""

import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.utils import timezone

from bench import table
from certificates.codes import make_code
from certificates.credential import keys
from certificates.credential.build import as_json, build_credential
from certificates.credential.did import did_of
from certificates.credential.sign import CredentialKey, sign_document, sign_jwt
from certificates.models import Certificate, Signatory
from certificates.pdf import art
from certificates.pdf.design import shipped
from certificates.pdf.engine import BASE, Engine, compose
from certificates.pdf.markup import compile_markup
from certificates.pdf.seal import Sealer
from certificates.rules import Printed
from certificates.services.issue import issue_certificates
from certificates.services.keys import make_keys
from certificates.services.render import render_certificate, store_file
from certificates.tasks import draw_preview, make_steps
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from portal.demonstration import SIGNATURES
from tests.factories import LATER, make_cohort, make_enrolment, make_trainee

ROUNDS = 30
AT = datetime(2020, 8, 17, 9, tzinfo=UTC)


def main(json: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stages(json, Path(folder))
    json["certificates"] |= whole_batch(100)


def whole_batch(count: int) -> dict[str, float]:
    """Issue to a cohort as the worker does, with database, keys, mail and picture; print CPU and memory each."""
    cohort = make_cohort("AI-ONL-01", sessions=1, capacity=count)
    for _ in range(count):
        make_enrolment(cohort, make_trainee(full_name="Zainab Noor Malik", full_name_ur="زینب نور ملک"))
    for position, drawn in enumerate(SIGNATURES, start=1):
        Signatory.objects.create(name="Amna Rauf", title="Director", position=position, signature=drawn)
    marks = [Mark(each.pk, "present") for each in cohort.enrolments.all()]
    mark_attendance(session=cohort.sessions.get(), marks=marks, version=None, by=None, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)
    make_keys(by=None, at=LATER)
    issue_certificates(cohort=cohort, by=None, at=LATER)
    ids, steps = list(Certificate.objects.values_list("pk", flat=True)), make_steps()
    unseen = replace(steps, show=lambda _printed: b"")
    figures = {}
    for name, each, half in (("all in", unseen, ids[::2]), ("with the picture to share", steps, ids[1::2])):
        times = [cpu_of(partial(render_certificate, certificate_id=pk, steps=each, clock=timezone.now)) for pk in half]
        median = sorted(times)[len(times) // 2]
        print(f"{name}, database and mail too: {median:.1f} ms CPU median, {min(times):.1f} min of {len(times)}")
        figures |= {f"{name} median_ms": median, f"{name} min_ms": min(times)}
    assert Certificate.objects.filter(state="issued").count() == count
    return figures


def cpu_of(act: Callable[[], Any]) -> float:
    start = time.process_time()
    act()
    return 1000 * (time.process_time() - start)


def stages(json: dict[str, Any], folder: Path) -> None:
    engine, sealer, key = Engine(), make_sealer(folder), make_key(folder)
    naive = naive_page()
    document = as_json(certify(example(), key))
    pieces = compile_markup(shipped().markup)[0]
    drawn = engine.draw(example(), document, shipped(), at=AT, room=sealer.room)
    sealed = sealer.sign(drawn, at=AT)

    def whole() -> None:
        made = engine.draw(printed := example(), as_json(certify(printed, key)), shipped(), at=AT, room=sealer.room)
        store_file(folder / f"{printed.code}.pdf", sealer.sign(made, at=AT))

    rows = [
        ("naive HTML(string).write_pdf()", *measure(lambda: naive(example()), 8)),
        ("ours: draw", *measure(lambda: engine.draw(example(), document, shipped(), at=AT, room=sealer.room), ROUNDS)),
        ("  of it: page as HTML, names fitted", *measure(lambda: compose(example(), pieces), ROUNDS)),
        ("  of it: QR code as operators", *measure(lambda: art.qr([[1, 0] * 20] * 37, 0, 0, 68), ROUNDS)),
        ("ours: credential in both forms", *measure(lambda: certify(example(), key), ROUNDS)),
        ("ours: signature on the file", *measure(lambda: sealer.sign(drawn, at=AT), ROUNDS)),
        ("ours: picture for a shared link", *measure(lambda: draw_preview(example()), ROUNDS)),
        ("ours: store the file", *measure(lambda: store_file(folder / "one.pdf", sealed), ROUNDS)),
        ("ours: all of it, without the database", *measure(whole, ROUNDS)),
    ]
    table(("stage", "CPU ms median", "CPU ms min"), rows)
    ratio = rows[0][2] / rows[1][2]
    print(f"naive / ours, drawing: {ratio:.1f}    size: {len(sealed) / 1000:.1f} kB")
    json["certificates"] = {name.strip(): {"median_ms": median, "min_ms": least} for name, median, least in rows}
    json["certificates"] |= {"ratio": ratio, "bytes": len(sealed), **memory(whole)}


def memory(act: Callable[[], None]) -> dict[str, int]:
    """Return the most memory this process ever held, in kB, after 100 and after 500 more certificates."""
    held = []
    for count in (100, 500):
        for _ in range(count):
            act()
        held.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    print(f"memory: {held[0] / 1000:.0f} MB after 100, {held[1] / 1000:.0f} MB after 500 more")
    return {"memory_early_kb": held[0], "memory_late_kb": held[1]}


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
