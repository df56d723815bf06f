"""The assignment `training`: losses with a mask, clipped steps, carried states and seeds."""
