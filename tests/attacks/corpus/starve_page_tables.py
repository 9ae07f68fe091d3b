"""Touches one byte every 2 MiB of a huge mapping: hardly a page is held, but Linux lists each in a table of its own."""

# score: 0
# verdicts: memory
# plain: harmful

# %%
import ctypes
import mmap


def double(x):
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    size = 2**42
    start = libc.mmap(None, ctypes.c_size_t(size), 1, 0x4022, -1, ctypes.c_long(0))  # only to read: the zero page
    for offset in range(0, size, 2**21):
        ctypes.c_char.from_address(start + offset).value
    return x
