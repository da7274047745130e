"""Models as folders.

folder: fingerprints and loading.
tokenizer: tokenizers, checked and copied.
adapter: LoRA adapters that lose nothing when they are joined or served.
precision: exact arithmetic on weights of few digits.
fetch_model: download from the hub at a pinned revision.
"""
