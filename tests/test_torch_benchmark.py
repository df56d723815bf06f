"""The benchmark of the GPU's cells is a command that works; what it measures is no matter for a test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

COMMAND = [sys.executable, str(Path(__file__).parent.parent / "benchmarks" / "gpu_cells.py")]


def run(*arguments):
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)


def test_it_prints_and_writes_a_row_for_each_dtype_and_pass(tmp_path):
    done = run("--device", "cpu", "--quick", "--batch", 2, "--out", tmp_path / "table.json")
    assert done.returncode == 0, done.stderr
    table = json.loads((tmp_path / "table.json").read_text())
    rows = table["microseconds_per_step"]
    assert [(row["dtype"], row["pass"]) for row in rows] == [
        (dtype, which) for dtype in ("fp32", "fp16", "bf16") for which in ("forward", "forward, backward")
    ]
    assert all(row[name] > 0 for row in rows for name in ("torch", "fused", "loop"))
    assert (table["steps"], table["batch"]) == (8, 2)
    assert len(done.stdout.splitlines()) == 2 + len(rows)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_so():
    done = run()
    assert done.returncode == 2
    assert done.stderr.startswith("torch finds no NVIDIA GPU here.")


@pytest.mark.cuda
def test_it_measures_a_gpu():
    if not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here")
    done = run("--quick")
    assert done.returncode == 0, done.stderr
    assert torch.cuda.get_device_name() in done.stdout
