"""The students' answers to the test items (§4.2).

tables: columns of predictions.
student: zero-shot and few-shot answers, read strictly and leniently.
"""
