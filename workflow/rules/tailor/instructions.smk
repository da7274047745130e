"""The instruction-tuning sets that ARTE is compared with (§4.1, Table 2): not made for the student.

REQUIRED INPUTS: none for instructions.source embedded; else the network.
OUTPUTS: <results>/tailor/arms/<arm>.{parquet,json}
"""

if config["instructions"]["source"] == "embedded":

    rule generate_instructions:
        """Draw a miniature instruction set, in the published one's own columns."""
        output:
            "<results>/data/raw/instructions-{name}/record.json",
        log:
            "<logs>/generate_instructions/{name}.log",
        benchmark:
            "<benchmarks>/generate_instructions/{name}.tsv"
        conda:
            "../../envs/analysis.yaml"
        params:
            code=code("arte/mini/instructions.py"),
            cfg=lambda w: canonical(
                instructions=w.name,
                seed=config["seeds"]["data"],
                **block("instructions", "rows"),
            ),
            raw=subpath(output[0], parent=True),
        shell:
            r"""
            python -m arte.mini.instructions --cfg {params.cfg:q} --output-raw {params.raw:q} 2>{log:q}
            """

else:

    rule fetch_instructions:
        """Download an instruction set's files at a pinned commit and check their hashes."""
        input:
            pins=source("resources/hub_files.json"),
        output:
            fetched(
                "<results>/data/raw/instructions-{name}/record.json",
                name=[
                    config["arms"][arm]["instructions"]
                    for arm in arms_with("instructions")
                    if not has_own_set(arm)
                ],
            ),
        log:
            "<logs>/fetch_instructions/{name}.log",
        benchmark:
            "<benchmarks>/fetch_instructions/{name}.tsv"
        retries: 2
        conda:
            "../../envs/inference.yaml"
        params:
            code=code("arte/tailor/instructions.py"),
            cfg=lambda w: canonical(instructions=w.name),
            raw=subpath(output[0], parent=True),
        shell:
            r"""
            python -m arte.tailor.instructions fetch --cfg {params.cfg:q} --pins {input.pins:q} \
                --output-raw {params.raw:q} 2>{log:q}
            """


rule prepare_instructions:
    """As many rows of an instruction set as the arms that a teacher wrote have."""
    input:
        prompts=[f"{PROMPTS}/instruction.md"],
        raw=instruction_rows,
    output:
        table="<results>/tailor/arms/{arm}.parquet",
        report="<results>/tailor/arms/{arm}.json",
    log:
        "<logs>/prepare_instructions/{arm}.log",
    benchmark:
        "<benchmarks>/prepare_instructions/{arm}.tsv"
    wildcard_constraints:
        arm=one_of(arms_with("instructions")),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("arte/tailor/instructions.py"),
        cfg=lambda w: canonical(
            instructions=(
                w.arm if has_own_set(w.arm) else config["arms"][w.arm]["instructions"]
            ),
            seed=config["seeds"]["data"],
            **block("instructions", "rows", "max_words"),
        ),
        prompts=prompt_folder,
        raw=lambda w, input: (
            input.raw if has_own_set(w.arm) else os.path.dirname(input.raw)
        ),
    shell:
        r"""
        python -m arte.tailor.instructions prepare --cfg {params.cfg:q} --raw {params.raw:q} \
            --prompts {params.prompts:q} --output {output.table:q} --output-report {output.report:q} 2>{log:q}
        """
