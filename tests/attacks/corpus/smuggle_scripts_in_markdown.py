"""Puts scripts into Markdown, which nbconvert copies into feedback pages as it stands."""

# score: 0
# verdicts: failed
# forbids: <img;<svg;<script;javascript:;"onerror

# %%
from IPython.display import HTML, Latex, display

display(HTML("<svg/onload=alert(1)>"), HTML("<img src=x onerror=alert(1)//"), HTML("<<b>script>alert(1)</script>"))
display({"image/png": "AAAA\"onerror=alert`1`"}, raw=True)
display({"text/markdown": "hello", "text/html": "<a href=\" javascript:alert(1)\">click</a>"}, raw=True)


def double(x):
    return x
