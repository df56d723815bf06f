"""A class to rehearse with: plausible students, the truth about each, and a comparison of grades with that truth."""
