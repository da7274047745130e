"""How models generate.

contract: what every engine takes and gives.
backends: the engines there are, and how one is loaded.
prefix: prompts as tokens, grouped by what they share.
stops: stop strings in generated tokens.
generate: completions from the journal, else from the model.
echoes: going on where a model only said its instruction again.
journal: completions that outlive a killed job.
transformers: the engine of this project on transformers.
vllm: vLLM.
vllm_adapter: LoRA adapters in vLLM.
openai: any OpenAI-compatible endpoint.
endpoint: a model that only a server has, by chat completions.
name_endpoint: ask a server which model answers.
"""
