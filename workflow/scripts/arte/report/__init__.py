"""Tables and figures (§4, §5).

tables: the command that makes Tables 1 to 7.
bbh: Tables 2 and 6.
ood: Table 3.
transfer: Tables 4 and 5.
text: the text of a table.
categories: Tables 1 and 7.
render: Markdown and LaTeX.
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
"""
