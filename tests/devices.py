"""The devices that torch finds here.  What needs CUDA carries its marker, and does not run where there is none."""

import pytest
import torch

AVAILABLE = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
DEVICES = [
    pytest.param(name, marks=pytest.mark.cuda if name == "cuda" else ()) for name, there in AVAILABLE.items() if there
]
IN_FLOAT64 = [device for device in DEVICES if device.values != ("mps",)]
