"""Write tests/flax_cells.json: what Flax's own cells compute, in float64, from random parameters.

    python tests/make_flax_cells.py

Flax and JAX are large, so they are no requirement of the tests: they read the file.  Made with Flax 0.12.8, JAX 0.10.2.
"""

import json
from pathlib import Path

import jax
import numpy as np
from flax import linen, nnx

T, B, D, H = 3, 2, 3, 4
FILE = Path(__file__).parent / "flax_cells.json"
CELLS = {"gru": ["GRUCell"], "lstm": ["LSTMCell", "OptimizedLSTMCell"], "rnn": ["SimpleCell"]}


def made() -> list[dict]:
    """One record for each cell of both interfaces: its parameters, first state, inputs and states."""
    jax.config.update("jax_enable_x64", True)
    rng = np.random.default_rng(0)
    return [record(rng, cell, api, name) for cell, names in CELLS.items() for name in names for api in ("linen", "nnx")]


def record(rng: np.random.Generator, cell: str, api: str, name: str) -> dict:
    x = rng.normal(size=(T, B, D))
    first = [rng.uniform(-1, 1, (B, H)) for _ in range(2 if cell == "lstm" else 1)]
    carry = tuple(first) if cell == "lstm" else first[0]  # an LSTM's carry is (c, h)
    run, params = (with_linen if api == "linen" else with_nnx)(rng, name, carry, x)
    states = []
    for x_t in x:
        carry, output = run(carry, x_t)
        states.append(np.asarray(output).tolist())
    named = {"params": listed(params), "x": x.tolist(), "first": [state.tolist() for state in first], "states": states}
    return {"cell": cell, "api": api, "name": name, **named}


def with_linen(rng: np.random.Generator, name: str, carry: object, x: np.ndarray) -> tuple:
    module = getattr(linen, name)(features=H, param_dtype=np.float64)
    params = randomised(rng, module.init(jax.random.key(0), carry, x[0])["params"])
    return lambda carry, x_t: module.apply({"params": params}, carry, x_t), params


def with_nnx(rng: np.random.Generator, name: str, carry: object, x: np.ndarray) -> tuple:
    module = getattr(nnx, name)(D, H, dtype=np.float64, param_dtype=np.float64, rngs=nnx.Rngs(0))
    params = randomised(rng, nnx.to_pure_dict(nnx.state(module, nnx.Param)))
    state = nnx.state(module, nnx.Param)
    nnx.replace_by_pure_dict(state, params)
    nnx.update(module, state)
    return module, params


def randomised(rng: np.random.Generator, params: dict) -> dict:
    return {
        name: {part: rng.uniform(-0.7, 0.7, array.shape) for part, array in sorted(parts.items())}
        for name, parts in sorted(params.items())
    }


def listed(params: dict) -> dict:
    return {name: {part: array.tolist() for part, array in parts.items()} for name, parts in params.items()}


if __name__ == "__main__":
    FILE.write_text(json.dumps(made(), indent=None, separators=(",", ":")) + "\n")
