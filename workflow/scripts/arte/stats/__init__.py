"""Intervals and tests.

intervals: intervals of accuracies.
student_t: quantiles of Student's t.
power: smallest detectable differences.
crossed: means over rationales and items.
correlation: Pearson's correlation over rationales and items.
paired: differences of arms over the same items and several seeds.
slices: the items that a cell averages over.
cells: the cells of a table from predictions.
"""
