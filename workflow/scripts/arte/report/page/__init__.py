"""The report of a run as one page that needs nothing but itself.

page: the command that writes the page.
documents: tables as they are written in Markdown, as HTML.
grids: accuracies with intervals and printed values, from the csv of a table.
svg: figures inside the page.
plots: item curves, score histograms, training curves.
facts: gates, data, licenses, cost, provenance.
samples: what models wrote, a few of each kind.
"""
