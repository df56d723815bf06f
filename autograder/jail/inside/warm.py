"""What a zygote does once, so that none of its children has to: import torch and whatever torch imports late."""

from __future__ import annotations

import os
import tempfile


def warm(packages: list[str], folder: str) -> None:
    """Import what the assignment's packages need besides NumPy, which the channel to the grader needs already.

    Raises RuntimeError where a second thread has started by then.
    A fork copies one thread alone: a child would wait for ever for the others.  folder: any that exists.
    """
    if "torch" in packages:
        warm_torch(folder)
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"the zygote has {threads} threads, and only a process of one can be forked soundly")


def warm_torch(folder: str) -> None:
    """Run each part of torch once that imports or builds something at its first use."""
    # torch's compiler looks for folders of its own while it is imported, and makes those that it does not find.
    tempfile.tempdir = os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder
    import torch
    import torch.func
    import torch.nn.utils.rnn
    import torch.utils.data

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    cell = torch.nn.GRUCell(3, 4)
    optimiser = torch.optim.Adam(cell.parameters())  # its first step imports a second's worth
    cell(torch.zeros(2, 3)).sum().backward()
    optimiser.step()
