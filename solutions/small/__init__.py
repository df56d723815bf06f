"""The assignment `small`: its one source, its checks, its known mistakes and other right ways to write it."""
