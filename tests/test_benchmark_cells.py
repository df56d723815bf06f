"""The benchmark of the cells compares like with like and writes its table and its plot.  No time is judged here."""

import importlib.util
import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from running import COURSE

FILE = COURSE / "benchmarks" / "cells.py"


@pytest.fixture
def benchmark(monkeypatch):
    """The benchmark as a module; the threads that it sets are set back."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    spec = importlib.util.spec_from_file_location("benchmark_of_the_cells", FILE)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def run(*options):
    return subprocess.run([sys.executable, FILE, *options], capture_output=True, text=True, check=False, timeout=300)


def test_a_quick_run_prints_and_writes_all_ratios(tmp_path):
    done = run("--quick", "--out", str(tmp_path / "made"))
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "made" / "cells.json").read_text())
    assert found["quick"]
    assert found["machine"]["threads"] == 1
    assert found["machine"]["numpy"] == np.__version__
    rows = found["rows"]
    names = list(dict.fromkeys(row["name"] for row in rows))
    assert {"NumPy GRU", "NumPy LSTM", "NumPy RNN", "torch.nn.GRU", "torch.nn.GRUCell in a loop"} <= set(names)
    assert len(rows) == len(names) * 2 * 2  # sizes, passes
    assert all(row["milliseconds"] > 0 for row in rows)
    assert all(row["ratio"] == 1 for row in rows if row["name"] == "torch.nn.GRU")
    for name in names:
        line = next(line for line in done.stdout.splitlines() if line.startswith(f"{name} "))
        numbers = [float(number) for number in re.findall(r"\d+\.\d\d", line)]
        assert numbers == [round(row["ratio"], 2) for row in rows if row["name"] == name][: len(numbers)]
    plot = (tmp_path / "made" / "cells.svg").read_text()
    assert ElementTree.fromstring(plot).tag.endswith("svg")
    assert all(f"<!-- {name} -->" in plot for name in names)


def test_help_says_what_is_measured_and_how():
    said = run("--help")
    assert said.returncode == 0
    assert all(option in said.stdout for option in ("--quick", "--seconds", "--out"))
    assert "ratios to torch.nn.GRU" in said.stdout


@pytest.mark.parametrize("backward", [False, True])
def test_what_computes_another_cell_is_not_timed(benchmark, backward):
    runs = benchmark.contestants((2, 5, 3, 4), backward)
    benchmark.check_agree(runs)
    spoilt = next(contestant for contestant in runs if contestant.name == "torch.nn.GRUCell in a loop")
    right = spoilt.run()
    spoilt.run = lambda: right + 1e-3
    with pytest.raises(AssertionError, match=r"torch\.nn\.GRUCell in a loop and NumPy GRU differ by 1\.0e-03"):
        benchmark.check_agree(runs)


def test_both_passes_of_the_contestants_leave_all_gradients(benchmark):
    given = benchmark.draw("gru", (2, 5, 3, 4))
    x, h0, *_ = given.tensors()
    cell = benchmark.torch.nn.GRU(3, 4)
    benchmark.load(cell, given)
    leaves = [x, h0, *cell.parameters()]
    benchmark.in_torch(lambda: cell(x, h0[None])[0], leaves, given, backward=True)()
    assert all(leaf.grad.any() for leaf in leaves)


def test_of_many_rounds_the_least_time_counts(benchmark, monkeypatch):
    clock = iter(np.cumsum([0, 5, 0, 7, 0, 3, 0, 2, 0, 9, 0, 8, 0, 4, 0, 6, 0, 5, 0, 7]))
    monkeypatch.setattr(benchmark.time, "process_time", lambda: float(next(clock)))
    order = []
    runs = [benchmark.Contestant(name, "gru", lambda name=name: order.append(name)) for name in ("one", "other")]
    assert benchmark.measure(runs, 0) == {"one": 3, "other": 2}
    assert order == ["one", "other"] * 5


def test_the_widths_are_measured_for_both_batches(tmp_path):
    command = [sys.executable, FILE.with_name("widths.py"), "--quick", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "widths.json").read_text())["rows"]
    assert [(row["batch"], row["width"]) for row in rows] == [(1, 4), (1, 6), (32, 4), (32, 6)]
    assert all(row[name] > 0 for row in rows for name in ("NumPy", "torch", "products"))
