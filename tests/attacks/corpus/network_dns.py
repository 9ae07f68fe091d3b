"""Asks a name server, and downloads."""

# score: 0
# verdicts: failed

# %%
import socket
import urllib.request

for attempt in (
    lambda: print("RESOLVED", socket.getaddrinfo("example.org", 80)),
    lambda: print("LOADED", urllib.request.urlopen("http://127.0.0.1:@TCP@/", timeout=1).read()),
):
    try:
        attempt()
    except OSError as error:
        print(error)
!python -c "import socket; socket.create_connection(('127.0.0.1', @TCP@))"


def double(x):
    return x
