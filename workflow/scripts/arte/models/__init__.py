"""Models as folders.

folder: fingerprints, loading, adapters.
fetch_model: download from the hub at a pinned revision.
"""
