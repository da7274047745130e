"""Columns of what the room makes, a module per reader.

responses: the panel's answers.
irt: item parameters.
preference_set: the chosen items.
outputs: the student's answers with a draft as its example.
scores: preference scores of rationales and questions.
pairs: preference pairs.
"""
