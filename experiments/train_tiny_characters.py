"""Train the tiny character model of the assignment `rnn`, and write its weights where a notebook can hold them.

    python experiments/train_tiny_characters.py

One layer of plain recurrent units reads a verse of our own, a character at a time, and learns to say which comes next.
Each weight is then rounded to a 32nd between -4 and 4, one byte, and all are written as text.  Several seeds are
trained; the weights of the one with the lowest loss after rounding are kept.  About two CPU minutes.
"""

import argparse
import base64
import json
import platform
from pathlib import Path

import numpy as np
import torch
from rich.progress import track

VERSE = """\
the rain runs down the window pane,
the gutter takes the rain again,
the gutter leads it to the stream,
the stream goes winding like a dream.
the stream runs down to find the sea,
the sea goes rolling, rolling free,
the sun comes up and warms the sea,
the mist goes up, the mist is free.
the wind comes in and takes the mist,
the wind goes where the wind may list,
the cloud comes down upon the plain,
the cloud lets go, and there is rain.
"""
CHARACTERS = "".join(sorted(set(VERSE)))
BYTE = 32  # a weight is a whole number of 32nds, from -127 to 127 of them


class Model(torch.nn.Module):
    """A recurrent layer and one logit for each character."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.layer = torch.nn.RNN(len(CHARACTERS), hidden, dtype=torch.float64)
        self.out = torch.nn.Linear(hidden, len(CHARACTERS), dtype=torch.float64)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.layer(x)[0])


def one_hot(text: str) -> torch.Tensor:
    """text -> (T, 1, K)."""
    numbers = torch.tensor([CHARACTERS.index(character) for character in text])
    return torch.nn.functional.one_hot(numbers, len(CHARACTERS)).double()[:, None]


def loss_of(model: Model) -> torch.Tensor:
    """The mean loss in nats for each character of the verse, read from its beginning, then once more from its end."""
    twice = VERSE + VERSE
    logits = model(one_hot(twice[:-1]))[len(VERSE) - 1 :, 0]
    targets = torch.tensor([CHARACTERS.index(character) for character in VERSE])
    return torch.nn.functional.cross_entropy(logits, targets)


def train(seed: int, hidden: int, steps: int, decay: float) -> tuple[Model, float]:
    """A trained model, and its loss before its weights are rounded.

    The text is read in chunks of 48 characters at random places with the state from zero.  Weight
    decay keeps the weights small and the model unsure, so that its text is not always the verse.
    """
    torch.manual_seed(seed)
    model = Model(hidden)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    text = one_hot(VERSE + VERSE)[:, 0]
    numbers = text.argmax(dim=-1)
    for _ in track(range(steps), f"seed {seed}"):
        places = torch.randint(len(VERSE), (24,)) + torch.arange(49)[:, None]
        logits = model(text[places[:-1]])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), numbers[places[1:]].flatten())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.clamp_(-127 / BYTE, 127 / BYTE)
    with torch.no_grad():
        return model, loss_of(model).item()


def rounded(model: Model) -> bytes:
    """All weights as bytes, in the order W_ih, W_hh, b_ih, b_hh, W_out, b_out; the model has the rounded ones after."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter * BYTE).round().clamp(-127, 127) / BYTE)
    numbers = [(parameter.detach().numpy() * BYTE).astype(np.int8) for parameter in model.parameters()]
    return b"".join(array.tobytes() for array in numbers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", type=int, default=16, help="units (16)")
    parser.add_argument("--steps", type=int, default=1200, help="steps of the optimiser (1200)")
    parser.add_argument("--decay", type=float, default=0.05, help="weight decay (0.05)")
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from 0 on (5)")
    folder = Path(__file__).parent / "results"
    parser.add_argument("--out", type=Path, default=folder / "tiny_characters.json", help="the file to write")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    runs, best = [], None
    for seed in range(arguments.seeds):
        model, before = train(seed, arguments.hidden, arguments.steps, arguments.decay)
        weights = rounded(model)
        with torch.no_grad():
            after = loss_of(model).item()
        runs.append({"seed": seed, "loss": before, "loss_rounded": after})
        print(runs[-1])
        if best is None or after < best[0]:
            best = after, seed, weights
    result = {
        "verse": VERSE,
        "characters": CHARACTERS,
        "hidden": arguments.hidden,
        "steps": arguments.steps,
        "decay": arguments.decay,
        "runs": runs,
        "kept_seed": best[1],
        "weights": base64.b64encode(best[2]).decode(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__},
    }
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
