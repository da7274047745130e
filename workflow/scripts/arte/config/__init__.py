"""The configuration, checked before anything runs.

check: the schema and the rules that join keys.
nano: the rules for models that are trained here.
licenses: which teacher must not teach which student.
"""
