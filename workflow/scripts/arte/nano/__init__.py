"""Models that are trained from scratch on the CPU.

train_nano: student, panel, teacher and unseen students as jobs.
corpus: the documents that they learn.
loop: the training loop.
checkpoints: what a killed training goes on from.
gates: what they must be able to do before anything is built on them.
"""
