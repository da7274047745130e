"""What the teacher writes (§3.1).

tables: columns of questions and rationales.
questions: draft questions from seed questions (Table 11).
rationales: rationales by technique (Table 12) or the naive prompt (Table 8).
"""
