"""Fingerprints: a number for every run of tokens, the same for the same run in every submission and at every time.

All runs of a length are kept and not a sample of them (as in winnowing; Schleimer, Wilkerson and Aiken 2003), for
answers are short and every place counts.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

from autograder.alike.tokens import PROSE, Stream

RUN = 20  # tokens of code: two or three short statements
RUN_OF_WORDS = 6
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio: multiplication by it mixes


def run_length(stream: Stream) -> int:
    return RUN_OF_WORDS if stream.kind == PROSE else RUN


def fingerprints(stream: Stream) -> np.ndarray:
    """uint64, one for each place at which a run of tokens begins; empty where the piece is shorter than a run.

    Inside a run a name of the learner's own is told by where it stood before in this run, or as new.
    """
    length = run_length(stream)
    count = len(stream.tokens) - length + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    tokens = np.array([number_of(token) for token in stream.tokens], np.uint64)
    back = np.array(stream.back, np.uint64)
    prints = np.full(count, number_of(stream.kind), np.uint64)
    for place in range(length):
        seen = back[place : place + count]
        seen = np.where(seen <= place, seen, 0)
        prints = mixed(prints * FACTOR + tokens[place : place + count] + seen)
    return prints


def mixed(numbers: np.ndarray) -> np.ndarray:
    return (numbers ^ (numbers >> np.uint64(29))) * FACTOR


@cache
def number_of(token: str) -> int:
    """64 bits of a token, the same in every process."""
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
