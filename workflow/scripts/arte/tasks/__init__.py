"""Tasks of the user's own, as folders (docs/own-task.md).

items: the items and exemplars of such a folder.
folder: what is wrong with a folder, in words.
new_task: the command that writes a skeleton.
check_task: the command that says what a folder lacks.
"""
