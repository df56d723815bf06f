"""The hostile corpus, judged at each level of isolation that is worth the name: nobody gains, and nobody else loses.

`hostile.judging` plays the grader that is attacked, in a process of its own for each level, and both run at once.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile import ATTACKS, FULL, THEMES, Attack
from hostile.summary import LEVELS, sizes, summary

from autograder.jail.levels import obstacles
from autograder.report import STATUSES

pytestmark = pytest.mark.heavy

TOLD = Path(__file__).parents[1] / "benchmarks" / "results" / "hostile.json"
LEARNERS_STATUSES = set(STATUSES) - {"fault", "missing"}
NAMES = [attack.name for attack in ATTACKS]
MOST_MEMORY = 900 << 20
LARGEST_PAGE = 50_000


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[subprocess.Popen, Path]]]:
    """The judging at each level that holds here, under way."""
    under_way = {}
    for level in LEVELS:
        if level not in obstacles():
            folder = tmp_path_factory.mktemp(level)
            with open(folder / "log", "wb") as log:
                command = [sys.executable, "-m", "hostile.judging", level, str(folder)]
                environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
                process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            under_way[level] = process, folder
    yield under_way
    for process, _ in under_way.values():
        process.kill()
        process.wait()


@pytest.fixture(scope="module", params=LEVELS)
def outcome(request: pytest.FixtureRequest, judged: dict[str, tuple[subprocess.Popen, Path]]) -> dict:
    """What came of the corpus at one level."""
    if request.param not in judged:
        pytest.skip(f"Level {request.param} does not hold here. {obstacles()[request.param]}")
    process, folder = judged[request.param]
    code = process.wait(900)
    assert code == 0, f"the grader ended with {code}:\n{(folder / 'log').read_text()}"
    return json.loads((folder / "outcome.json").read_text())


def test_the_corpus_is_large_and_every_entry_is_named_and_said():
    assert len(ATTACKS) >= 100
    assert len(set(NAMES)) == len({(attack.cells, repr(attack.metadata)) for attack in ATTACKS}) == len(ATTACKS)
    assert all(len(attacks) >= 20 for attacks in THEMES.values())
    assert all(attack.tries.endswith(".") and 0 <= attack.deserves <= FULL for attack in ATTACKS)


def test_the_books_table_tells_what_came_of_it(outcome: dict):
    """How often which status came may differ: some attacks end by one of two limits, whichever is reached first."""
    told = json.loads(TOLD.read_text())
    assert told["themes"] == sizes()
    level = told["levels"][outcome["level"]]
    assert {**level, "ended": None} == {**summary(outcome), "ended": None}
    assert sum(level["ended"].values()) == len(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=NAMES)
def test_an_attack_gains_nothing(outcome: dict, attack: Attack):
    entry = outcome["entries"][attack.name]["attack"]
    (report,) = entry["reports"]
    assert report["score"] <= attack.deserves
    assert not attack.exactly or report["score"] == attack.deserves
    assert report["status"] in (attack.status or LEARNERS_STATUSES)
    assert entry["faults"] == []
    assert report["isolation"] == outcome["level"]

    words = json.dumps(report) + entry["page"]
    assert outcome["secret"] not in words
    assert "BREACH" not in words
    assert "SLIP" not in words, "the attack itself is broken and proves nothing"
    assert attack.proves in words


@pytest.mark.parametrize("attack", ATTACKS, ids=NAMES)
def test_the_submission_after_an_attack_gets_its_marks(outcome: dict, attack: Attack):
    (report,) = outcome["entries"][attack.name]["next"]["reports"]
    assert (report["status"], report["score"], report["max_score"]) == ("graded", FULL, FULL)


@pytest.mark.parametrize("attack", ATTACKS, ids=NAMES)
def test_the_page_of_an_attack_is_plain_text_for_its_reader(outcome: dict, attack: Attack):
    """No markup of the submission's own, and no character that steers a terminal or turns the reading order."""
    page = outcome["entries"][attack.name]["attack"]["page"]
    assert {character for character in page if not character.isprintable()} <= {"\n", "\t"}
    assert "<script" not in page
    assert page.count("<h2>") == 3 or "<p class=" in page
    assert page.rstrip().endswith("</html>")
    assert len(page.encode()) <= LARGEST_PAGE


def test_no_attack_ends_the_grader(outcome: dict):
    assert outcome["crashed"] == []


def test_no_attack_writes_or_changes_a_file(outcome: dict):
    assert outcome["changed"] == []


def test_no_attack_reaches_a_server(outcome: dict):
    assert outcome["heard"] == []


def test_no_attack_leaves_a_process(outcome: dict):
    assert outcome["processes"] == []


def test_no_attack_fills_the_graders_memory(outcome: dict):
    assert outcome["memory"] < MOST_MEMORY


def test_the_class_page_is_plain_text_for_its_reader(outcome: dict):
    assert outcome["secret"] not in outcome["index"]
    assert "<script" not in outcome["index"]
    assert {character for character in outcome["index"] if not character.isprintable()} <= {"\n"}
