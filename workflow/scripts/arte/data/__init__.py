"""Items and exemplars of the benchmarks (§4.1).

tables: columns of items and exemplars.
bbh: BIG-Bench Hard: test items, held-out validation items, exemplars.
layout: where a folder on disk holds them.
bbh_files: its published files and their pinned hashes.
ood: PIQA, CommonsenseQA, ARC and GSM8K (§5).
pinned_files: files of data sets at pinned commits of the hub.
hub_files: rows of such files.
data_report: duplicates, contradictory labels and odd golds.
"""
