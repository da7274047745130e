"""What stands behind a number of a table or a point of a figure: `arte explain`.

cells: the row of a table or figure that is asked for.
evidence: the answers, texts and items that a row is counted from.
origins: the jobs that these come from, back to the data, with models, prompts and seeds.
asked: a prompt as its model was asked.
examples: single items with prompt, output and what was read from it.
explain: the command.
"""
