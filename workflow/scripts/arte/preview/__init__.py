"""What a model is asked and answers, before a run spends hours on it.

show: rendered prompts, answers, and the shares that the gates judge.
"""
