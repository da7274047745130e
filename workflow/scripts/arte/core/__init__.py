"""What all rooms share.

errors: the exception that speaks to the user.
failures: what failed jobs say, shown last.
lifetime: jobs end with the run that started them.
lock: a folder has one writer at a time.
devices: GPUs of its own for each job.
io: artifacts, read and written in one place.
rows: rows of a user's own file, each with its line.
schema: what a table's columns are.
hub: files of the Hugging Face hub at a pinned commit.
job: arguments, seeds and logs of commands.
gates: what a model's first calls must give.
interpreter: the Python of a run's jobs.
identity: what a command's code does, as one hash.
forms: the answer forms that a task may name.
tasks: what a task is, read from its `task.yaml`.
options: the options that a question offers.
prompts: prompt templates and how they are filled.
answers: the canonical form of an answer.
parse: answers and questions found in what a model wrote.
"""
