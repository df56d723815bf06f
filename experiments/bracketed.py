"""A text whose every probability is known: short sentences with asides in round or square brackets.

The text is made a character at a time by a machine with few states.  A state is: what class of word came last, which
bracket is open, and which letters of the word have been read.  From the state follow the chances of the next character,
so the loss that no reader can beat is known exactly; and so is, at each place, what a reader has to remember.  That a
bracket is open, and which, can be read from no character inside it: the words there are the words outside.
"""

from collections import defaultdict

import numpy as np

WORDS = {
    "article": "the a this one".split(),
    "adjective": "old red small cold".split(),
    "noun": "cat dog bird tree river garden moon wind".split(),
    "verb": "sees finds likes hears sings waits".split(),
    "preposition": "near under by".split(),
    "conjunction": "and but".split(),
}
FOLLOWS = {  # the class of the next word, after each class and at the start of a sentence
    "": {"article": 1.0},
    "article": {"adjective": 0.4, "noun": 0.6},
    "adjective": {"noun": 1.0},
    "noun": {"verb": 0.6, "preposition": 0.25, "conjunction": 0.15},
    "verb": {"article": 0.6, "preposition": 0.25, "conjunction": 0.15},
    "preposition": {"article": 1.0},
    "conjunction": {"article": 1.0},
}
END, OPEN, CLOSE = 0.2, 0.35, 0.5  # a sentence after a noun or verb; an aside before a word; an aside after a word
BRACKETS = {"": "", "(": ")", "[": "]"}
LETTERS = sorted({letter for words in WORDS.values() for word in words for letter in word})
CHARACTERS = "".join([*" .()[]", *LETTERS])
OUTSIDE, ROUND, SQUARE = 0, 1, 2

# class of the last word, open bracket, letters read of the next word; or where between two words the text stands
State = tuple[str, str, str]
START: State = ("", "", "<space>")


def words_after(last: str) -> dict[str, float]:
    """Each word that may come after a word of a class, and how likely it is."""
    return {word: share / len(WORDS[kind]) for kind, share in FOLLOWS[last].items() for word in WORDS[kind]}


def class_of(word: str) -> str:
    return next(kind for kind, words in WORDS.items() if word in words)


def next_characters(state: State) -> dict[str, tuple[float, State]]:
    """What may come next: each character with its chance and the state after it."""
    last, bracket, read = state
    if read == "<stop>":
        return {" ": (1.0, START)}
    if read == "<word done>":
        return after_word(last, bracket, 1.0)
    found: dict[str, tuple[float, State]] = {}
    opens = OPEN if read == "<space>" and not bracket else 0.0
    if opens:
        found |= {new: (opens / 2, (last, new, "<bracket>")) for new in "(["}
    read = "" if read.startswith("<") else read
    possible = {word: chance for word, chance in words_after(last).items() if word.startswith(read)}
    total, letters = sum(possible.values()), defaultdict(float)
    for word, chance in possible.items():
        if word == read:
            found |= after_word(class_of(word), bracket, chance / total)
        else:
            letters[word[len(read)]] += chance / total
    return found | {letter: ((1 - opens) * p, (last, bracket, read + letter)) for letter, p in letters.items()}


def after_word(last: str, bracket: str, chance: float) -> dict[str, tuple[float, State]]:
    """What may come after a whole word, or after the bracket that closes an aside; chance: that the word ends here."""
    if bracket:
        closed = {BRACKETS[bracket]: (chance * CLOSE, (last, "", "<word done>"))}
        return closed | {" ": (chance * (1 - CLOSE), (last, bracket, "<space>"))}
    stops = END if last in ("noun", "verb") else 0.0
    stop = {".": (chance * stops, ("", "", "<stop>"))} if stops else {}
    return stop | {" ": (chance * (1 - stops), (last, "", "<space>"))}


def machine() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All states: chances (S, K) and next states (S, K) of each character, and each state's open bracket (S,)."""
    states, rows = [START], []
    for state in states:
        rows.append(next_characters(state))
        states += [after for _, after in rows[-1].values() if after not in states]
    chances, nexts = np.zeros((len(states), len(CHARACTERS))), np.zeros((len(states), len(CHARACTERS)), int)
    for number, row in enumerate(rows):
        for character, (chance, after) in row.items():
            chances[number, CHARACTERS.index(character)] = chance
            nexts[number, CHARACTERS.index(character)] = states.index(after)
    return chances, nexts, np.array([["", "(", "["].index(bracket) for _, bracket, _ in states])


CHANCES, NEXTS, OPEN_BRACKET = machine()


def draw(rng: np.random.Generator, steps: int, batch: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Texts that start with a sentence: characters (T, B), the open bracket after each, and -log of each one's chance.

    The open bracket is OUTSIDE, ROUND or SQUARE; after a closing bracket it is OUTSIDE again.
    """
    state = np.zeros(batch, int)
    characters, open_bracket, surprise = np.zeros((3, steps, batch))
    sums = CHANCES.cumsum(axis=1)
    for step in range(steps):
        chosen = (sums[state] < rng.uniform(0, sums[state, -1])[:, None]).sum(axis=1)
        characters[step], surprise[step] = chosen, -np.log(CHANCES[state, chosen])
        state = NEXTS[state, chosen]
        open_bracket[step] = OPEN_BRACKET[state]
    return characters.astype(int), open_bracket.astype(int), surprise


def spelled(characters: np.ndarray) -> str:
    """The numbers of one text as a string."""
    return "".join(CHARACTERS[number] for number in characters)
