"""Intervals and tests.

intervals: intervals of accuracies.
student_t: quantiles of Student's t.
crossed: means over rationales and items.
paired: differences of arms over the same items and several seeds.
cells: the cells of a table from predictions.
"""
