"""What `arte` asks of a run or of this machine; what builds something is a Snakemake target.

table: the commands, a line each.
main: the program `arte`, which starts one of them.
demo: what `make demo` shows.
stages: how far a run is.
view: its stages on the terminal.
example: one question, its rationales and their scores.
summary: what came out, on one screen.
doctor: what this machine lacks for a configuration.
"""
