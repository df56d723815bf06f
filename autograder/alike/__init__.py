"""Alike answers: what learners wrote, compared by structure, without what the release gave or what many write.

By our own hand, because copydetect 0.5.0 (the one maintained library that stays on the machine) did not serve: on the
classes of benchmarks/alike.py it takes 45 to 196 CPU seconds for 1,000 notebooks where this takes 4 to 8, lists some
thousand independent pairs because it cannot leave out what many have written, tells `np.exp` from `np.tanh` by no
letter, and hashes so that each run samples other passages.
"""
