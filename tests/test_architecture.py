"""The dependency table of docs/architecture.md: an app imports only what is below it.

Read from the source text, so that an arrow counts wherever it stands: at the top of a module, inside a
function, in a string such as `"cohorts.Cohort"`, or as a reverse name such as `trainee.enrolments`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps as registry

ROOT = Path(__file__).parent.parent

BELOW = {
    "portal": {"admissions", "certificates", "cohorts", "courses", "trainees", "audit"},
    "admissions": {"cohorts", "courses", "trainees", "audit"},
    "certificates": {"cohorts", "courses", "trainees", "audit"},
    "cohorts": {"courses", "trainees", "audit"},
    "courses": {"audit"},
    "trainees": {"audit"},
    "audit": set(),
}
NO_DRAWERS = {"common", "core", "util", "utils", "helpers", "misc"}

# An import inside a function needs a reason from this list: (where, what).
LATE_IMPORTS = {
    ("portal/reports/drawing.py", "weasyprint"): "WeasyPrint stays out of the web process",
    ("portal/apps.py", "portal.figures.watching"): "models are not loaded when the app module is read",
    ("portal/apps.py", "portal.roles"): "models are not loaded when the app module is read",
    ("certificates/apps.py", "certificates.checks"): "registers the system check, as Django asks",
    ("certificates/credential/keys.py", "certificates.pdf.first_signature"): "pyHanko stays out of web and worker",
    ("certificates/pdf/engine.py", "pydyf"): "WeasyPrint stays out of the web process",
    ("certificates/pdf/engine.py", "weasyprint"): "WeasyPrint stays out of the web process",
    ("certificates/pdf/stamp.py", "weasyprint"): "WeasyPrint stays out of the web process",
    ("portal/export/sheets.py", "openpyxl"): "9 MB in every process for the few workbooks",
}
# No signals; the exceptions are Django's own moments that have no other door.
SIGNALS = {"portal/apps.py": "permissions exist only after the last migration"}


def sources() -> dict[str, str]:
    """Return the text of each module of the product by its path."""
    found = [path for app in BELOW for path in sorted((ROOT / app).rglob("*.py"))]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in found}


def imported(tree: ast.AST, package: str) -> Iterator[tuple[str, int]]:
    """Yield each imported module's full name with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield from ((f"{module}.{alias.name}" if module else alias.name, node.lineno) for alias in node.names)


def functions(tree: ast.AST) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


def find_faults(path: str, text: str, reverse_names: dict[str, set[str]] | None = None) -> list[str]:
    """Return what a module does against the table, a sentence for each."""
    app, tree = path.split("/")[0], ast.parse(text)
    package = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    package = package if path.endswith("__init__.py") else package.rpartition(".")[0]
    above = set(BELOW) - BELOW[app] - {app}
    return [
        *_drawers(path),
        *_arrows(path, tree, package, above),
        *_late_imports(path, tree, package),
        *_signals(path, tree, package),
        *_disguises(path, tree, above, (reverse_names or {}).get(app, set())),
    ]


def _drawers(path: str) -> Iterator[str]:
    for part in Path(path).with_suffix("").parts:
        if part in NO_DRAWERS:
            yield f"{path}: {part} is a drawer; name the module after its noun"


def _arrows(path: str, tree: ast.AST, package: str, above: set[str]) -> Iterator[str]:
    for name, line in imported(tree, package):
        if name.split(".")[0] in above:
            yield f"{path}:{line} imports {name}, which is not below {path.split('/')[0]}"


def _late_imports(path: str, tree: ast.AST, package: str) -> Iterator[str]:
    for function in functions(tree):
        for name, line in imported(function, package):
            if not any(path == where and f"{name}.".startswith(f"{what}.") for where, what in LATE_IMPORTS):
                yield f"{path}:{line} imports {name} inside a function"


def _signals(path: str, tree: ast.AST, package: str) -> Iterator[str]:
    for name, line in imported(tree, package):
        is_signal = name.startswith(("django.dispatch", "django.db.models.signals", "django.core.signals"))
        if is_signal and path not in SIGNALS:
            yield f"{path}:{line} uses the signal {name}; the upper app looks down instead"


def _disguises(path: str, tree: ast.AST, above: set[str], reverse_names: set[str]) -> Iterator[str]:
    dotted = re.compile(rf"^({'|'.join(sorted(above)) or '-'})\.[A-Za-z_][\w.]*$")
    lookup = re.compile(rf"^({'|'.join(sorted(reverse_names)) or '-'})(__\w+)?$")
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and dotted.match(node.value):
            yield f"{path}:{line} names {node.value} in a string"
        if isinstance(node, ast.Attribute) and node.attr in reverse_names:
            yield f"{path}:{line} goes up by the reverse name .{node.attr}"
        if isinstance(node, ast.keyword) and lookup.match(node.arg or ""):
            yield f"{path}:{line} goes up by the reverse name {node.arg}="


def read_reverse_names() -> dict[str, set[str]]:
    """Return, by app, the names under which models of upper apps hang on its models."""
    names: dict[str, set[str]] = {app: set() for app in BELOW}
    for model in registry.get_models():
        app = model._meta.app_label
        if app not in BELOW:
            continue
        above = set(BELOW) - BELOW[app] - {app}
        own = {field.name for other in registry.get_app_config(app).get_models() for field in other._meta.fields}
        for relation in model._meta.related_objects:
            accessor = relation.get_accessor_name()
            if accessor and relation.related_model._meta.app_label in above and accessor not in own:
                names[app] |= {accessor, relation.name}
    return names


def test_every_module_imports_only_what_is_below_it():
    reverse_names = read_reverse_names()

    faults = [fault for path, text in sources().items() for fault in find_faults(path, text, reverse_names)]

    assert faults == []


def test_the_table_names_every_app_and_has_no_circle():
    ours = {config.name for config in registry.get_app_configs() if (ROOT / config.name).is_dir()}

    assert set(BELOW) == ours
    for app, below in BELOW.items():
        assert all(app not in BELOW[other] for other in below)
        assert all(BELOW[other] <= below for other in below)


def test_every_exception_is_still_needed():
    texts = sources()
    used = set()
    for where, what in LATE_IMPORTS:
        tree = ast.parse(texts[where])
        late = [name for function in functions(tree) for name, _line in imported(function, where.replace("/", "."))]
        if any(f"{name}.".startswith(f"{what}.") for name in late):
            used.add((where, what))

    assert set(LATE_IMPORTS) == used
    assert all("signals" in texts[where] for where in SIGNALS)


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("audit/services.py", "import trainees.models", "imports trainees.models"),
        ("courses/models.py", "from trainees.models import Trainee", "imports trainees.models.Trainee"),
        ("trainees/services/people.py", "from cohorts import models", "imports cohorts.models"),
        ("admissions/views.py", "from certificates.models import Batch", "imports certificates.models.Batch"),
        ("certificates/views.py", "from portal import settings", "imports portal.settings"),
        ("cohorts/a/b.py", "from ...portal import api", "imports portal.api"),
        ("cohorts/rules.py", "def f():\n    from audit.services import record", "inside a function"),
        ("portal/views.py", "def f():\n    import json", "inside a function"),
        ("trainees/models.py", "FK('cohorts.Cohort')", "in a string"),
        ("cohorts/services/completion.py", "send_task('certificates.tasks.issue')", "in a string"),
        ("trainees/views.py", "x = trainee.enrolments.all()", "reverse name .enrolments"),
        ("trainees/views.py", "q.filter(enrolments__status='enrolled')", "reverse name enrolments__status"),
        ("cohorts/models.py", "from django.dispatch import receiver", "uses the signal"),
        ("cohorts/utils.py", "", "is a drawer"),
        ("portal/core/views.py", "", "is a drawer"),
    ],
)
def test_a_planted_fault_is_found(path: str, text: str, fault: str):
    found = find_faults(path, text, {"trainees": {"enrolments"}})

    assert len(found) == 1
    assert fault in found[0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("portal/api.py", "from certificates.viewsets import CertificateViewSet"),
        ("certificates/services/issue.py", "from cohorts.models import Enrolment\nfrom audit.services import record"),
        ("cohorts/services/__init__.py", "from .errors import CohortFull"),
        ("cohorts/models.py", "FK('trainees.Trainee')"),
        ("portal/apps.py", "def ready(self):\n    from portal.roles import ensure_groups"),
    ],
)
def test_a_sound_module_passes(path: str, text: str):
    assert find_faults(path, text, {"trainees": {"enrolments"}}) == []
