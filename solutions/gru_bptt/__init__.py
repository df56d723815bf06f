"""The assignment `gru_bptt`: its one source, its checks, its known mistakes and other right ways to write it."""
