"""What all rooms share.

errors: the exception that speaks to the user.
io: artifacts, read and written in one place.
schema: what a table's columns are.
job: arguments, seeds and logs of commands.
identity: what a command's code does, as one hash.
tasks: the subtasks, their categories and answer forms.
prompts: prompt templates and how they are filled.
answers: the canonical form of an answer.
parse: answers and questions found in what a model wrote.
"""
