"""Items and exemplars of the benchmarks (§4.1).

tables: columns of items and exemplars.
bbh: BIG-Bench Hard: test items, held-out validation items, exemplars.
item_tables: questions and answers as tables, and seeded draws from them.
layout: where a folder on disk holds them.
bigbench: validation items from BIG-bench, of which BBH is a part.
bigbench_forms: its examples in the form that BBH gives them.
bigbench_programs: items of the three subtasks that are programs there.
bigbench_files: its task files and their pinned hashes.
overlap: which questions are the same.
bbh_files: its published files and their pinned hashes.
ood: PIQA, CommonsenseQA, ARC and GSM8K (§5).
pinned_files: files of data sets at pinned commits of the hub.
hub_files: rows of such files.
own: tasks of the user's own.
data_report: duplicates, contradictory labels and odd golds.
"""
