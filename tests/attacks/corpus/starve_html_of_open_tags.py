"""Shows HTML that takes a parser minutes: elements one in another that are never closed."""

# score: 0
# verdicts: failed

# %%
from IPython.display import HTML, display

for tags in ("<script ", "<b>", "<div>", "<table><a>", "<style>", "<p style='color:("):
    display(HTML(tags * (8_000 // len(tags))))


# %%
display(HTML("<div><b>" * 6_000))

# %%
display(HTML("<script " * 6_000))


# %%
def double(x):
    return x
