"""What `arte` asks of a run or of this machine; what builds something is a Snakemake target.

table: the commands, a line each.
main: the program `arte`, which starts one of them.
"""
