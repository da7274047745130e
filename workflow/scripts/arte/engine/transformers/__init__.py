"""The transformers engine: shared prefixes computed once, rows refilled (docs/engine.md).

self_test: refuses models whose logits would change.
engine: loads a model and runs requests group by group.
batch: the running rows: prefill, decoding, endings.
attention: attention to a shared prefix and to own tokens, merged.
prefix_store: keys and values of prefixes.
slot_cache: keys and values of rows.
likelihood: log-probabilities of given texts.
"""
