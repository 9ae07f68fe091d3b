"""Leaves programs behind with magics that run them in the background."""

# score: 0
# verdicts: failed error
# plain: harmful

# %%
%%bash --bg
trap '' TERM HUP INT
setsid sleep 1234 &
sleep 1234

# %%
%%script --bg sh
nohup sleep 1234

# %%
get_ipython().system("sleep 1234 >/dev/null 2>&1 &")
get_ipython().getoutput("setsid sleep 1234 >/dev/null 2>&1 &")
%load_ext autoreload
%autoreload 2


def double(x):
    return x
