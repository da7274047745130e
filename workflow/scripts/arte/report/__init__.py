"""Tables and figures (§4, §5).

tables: the command that makes Tables 1 to 7.
table_spec: what a table of accuracies is.
specs: what Tables 2 to 6 show, compare and are made from.
teachers: runs with other teachers as one.
build: the cells and differences of a table.
printed: the paper's number beside ours.
bbh: Tables 2 and 6.
ood: Table 3.
transfer: Tables 4 and 5.
text: cells and differences as text.
notes: what a reader of a table must know.
categories: Tables 1 and 7.
render: Markdown and LaTeX.
reference: the range of each number over several runs, and whether a run lies inside.
contamination: generated questions beside test items, and canaries.
leaks: how much of a test item stands in a question.
aa: false alarms of the comparison of arms.
consistency: Appendix E.
technique_shift: techniques before and after alignment.
technique_shift_text: its text.
technique_shift_figure: its figure.
figure1: the rules as stages of the framework.
figure1_drawing: how Figure 1 is drawn.
score_intervals: mean scores over questions and items.
figure2: length of rationales against preference scores.
plotting: style of all figures.
claims: verdicts on what the paper claims.
page: the report as one page.
"""
