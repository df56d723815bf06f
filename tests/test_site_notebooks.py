"""The chapters as notebooks: what the built site offers for download."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "_build" / "html" / "notebooks"
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from notebooks import launch_links  # noqa: E402

# In one process, as importing torch costs more than most chapters; each in a namespace and a folder of its own.
RUN = """
import json, sys, traceback
import matplotlib
matplotlib.use("agg")
wrong = {}
for path, code in json.loads(sys.stdin.read()).items():
    try:
        exec(compile(code, path, "exec"), {"__name__": "__main__"})
    except BaseException:
        wrong[path] = traceback.format_exc()
    matplotlib.pyplot.close("all")
json.dump(wrong, sys.stderr)
"""


def chapters() -> list[str]:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [Path(each["file"]).name for part in toc["parts"] if part.get("numbered") for each in part["chapters"]]


@pytest.fixture(scope="module")
def notebooks() -> dict[str, nbformat.NotebookNode]:
    if not FOLDER.is_dir():
        pytest.skip("There is no built site: `make`, or `python book/build.py`, builds it.")
    return {path.stem: nbformat.read(path, 4) for path in FOLDER.glob("*.ipynb")}


def code_of(notebook: nbformat.NotebookNode) -> str:
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return "\n\n".join("\n".join(line for line in cell.splitlines() if not line.startswith("%")) for cell in cells)


def test_every_chapter_can_be_downloaded(notebooks):
    assert set(notebooks) == set(chapters())
    for notebook in notebooks.values():
        nbformat.validate(notebook)
        assert notebook.cells[0].source.startswith("# ")


def test_a_chapter_runs_where_nothing_of_the_course_is(notebooks, tmp_path):
    given = json.dumps({name: code_of(notebook) for name, notebook in notebooks.items()})
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN],
        check=True,
        input=given,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=300,
    )
    assert json.loads(done.stderr) == {}


@pytest.mark.parametrize("word", ["solutions", "autograder", "glue", "{doc}", "{eq}", "{math}", "code-cell"])
def test_nothing_of_the_workshop_is_left_in_them(notebooks, word):
    for name, notebook in notebooks.items():
        assert word not in code_of(notebook), name
        if word.startswith("{"):
            assert not [cell for cell in notebook.cells if word in cell.source], name


def test_numbers_and_equations_are_set_in_them(notebooks):
    text = "\n".join(cell.source for cell in notebooks["gru_cell"].cells if cell.cell_type == "markdown")
    assert "$$\nh' = (1 - z)\\, n + z\\, h, \\qquad 0 \\le z \\le 1 \\tag{9.2}\n$$" in text
    assert "The mixture has gone to 1.00, the candidate itself" in text


def test_buttons_lead_into_the_repository_that_learners_may_have():
    launch = {"repository": "someone/gated", "branch": "main", "jupyterhub": "https://hub.example.org/"}
    assert launch_links({"repository": "", "branch": "main", "jupyterhub": ""}, "notebooks/lstm.ipynb") == []
    colab, binder, hub = [url for _, url in launch_links(launch, "notebooks/lstm.ipynb")]
    assert colab == "https://colab.research.google.com/github/someone/gated/blob/main/notebooks/lstm.ipynb"
    assert binder == "https://mybinder.org/v2/gh/someone/gated/main?labpath=notebooks%2Flstm.ipynb"
    assert hub == (
        "https://hub.example.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fsomeone%2Fgated"
        "&branch=main&urlpath=lab%2Ftree%2Fgated%2Fnotebooks%2Flstm.ipynb"
    )


def test_all_exercises_and_the_archive_can_be_downloaded(site, browser, address):
    names = sorted(path.parent.name for path in (ROOT / "exercises").glob("*/*.ipynb"))
    tab = browser.new_page()
    tab.goto(f"{address}/book/map.html")
    links = tab.locator('#the-notebooks a, [id="map-notebooks"] ~ ul a').evaluate_all(
        "all => all.map(each => each.href)"
    )
    for name in names:
        assert f"{address}/exercises/{name}/{name}.ipynb" in links
        assert (site / "exercises" / name / f"{name}.ipynb").is_file()
    with zipfile.ZipFile(site / "gated.zip") as archive:
        held = archive.namelist()
    assert {f"gated/exercises/{name}/cases.npz" for name in names} <= set(held)
    assert {f"gated/notebooks/{name}.ipynb" for name in chapters()} <= set(held)
    assert not [name for name in held if "solutions" in name]
    tab.close()
