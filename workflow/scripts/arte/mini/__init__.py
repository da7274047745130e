"""Miniatures of the benchmarks, drawn by programs.

problem: a question with its answer and four rationales.
bbh: a miniature subtask of BIG-Bench Hard as a job.
bbh_tasks: the generator of each subtask.
logic: boolean expressions, lies and shuffled objects.
knowledge: sports, movies and adjectives.
commonsense: questions about a small world.
world: that world's things and facts.
ood: a miniature of another benchmark as a job.
ood_tasks: the generator of each benchmark.
instructions: miniature instruction sets.
"""
