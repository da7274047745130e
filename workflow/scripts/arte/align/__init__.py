"""The teacher learns what the student prefers (§3.3).

preferences: pairs as token ids.
teacher: DPO of an adapter or of all weights.
divergence: how far the aligned teacher is from the original.
"""
