"""Alike answers: what learners wrote, compared by structure, without what the release gave or what many write."""
