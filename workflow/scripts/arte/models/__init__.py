"""Models as folders.

folder: fingerprints and loading.
tokenizer: tokenizers, checked and copied.
chat: prompts as bare text, or in the turns of a chat template.
conversation: prompts as the messages of a server.
endpoint: folders that stand for a model of a server.
adapter: LoRA adapters that lose nothing when they are joined or served.
precision: exact arithmetic on weights of few digits.
contents: which files of a folder are the model.
gguf_header: what a GGUF file says of its model.
link: a run's folder of links to a model that lies elsewhere.
fetch_model: get a model from the hub at a pinned revision.
dequantize_model: make a model folder of a GGUF file.
link_model: use a model where it lies.
"""
