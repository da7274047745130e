"""The configuration: one description of each key, checked before anything runs.

arms: arms of later rounds, and whose preferences a round learns.
blocks: the keys, typed, with range, meaning and the paper's value.
chat: which uses of a model are asked by its chat template.
check: all errors of a configuration, or the configuration made ready.
devices: rules that join GPUs, processes and number formats.
endpoints: what a model of a server may do.
engines: the engine of each model.
files: files that a configuration names.
generate: the JSON Schema and the key tables of config/README.md.
generate_arguments: the libraries' own argument names and types.
keys: the keys as JSON Schema and as text.
lengths: token limits that must leave room for each other.
libraries: blocks that are handed to TRL, peft, vLLM and accelerate.
licenses: which teacher must not teach which student.
nano_rules: rules for models that are trained here.
refused: arguments of libraries that this pipeline cannot pass on.
rules: rules that join subtasks, roles, benchmarks and sizes.
tasks: published tasks, and folders of tasks of the user's own.
validation: rules of validation items from BIG-bench.
wrong: what is wrong, in words, with the nearest key.
"""
