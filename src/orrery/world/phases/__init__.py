"""One phase per mechanism, one file per phase.

Every phase is a pure function `advance(chance, world, origin, params, forcing) -> (world, info)`: the world after the
phase, and what one may want to look at. A phase that leaves something to chance also has `draw(key, size) -> chance`,
so that the numbers of all years are drawn at once. `step.PHASES` lists them in the order of the year.
"""
