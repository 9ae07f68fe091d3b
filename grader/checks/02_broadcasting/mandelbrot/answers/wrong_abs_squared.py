"""|z|² against 2."""
# hint: |z|² with 4
# pista: |z|² con 4


def mandelbrot(h, w, max_iter):
    x = torch.linspace(-2, 0.5, w)
    y = torch.linspace(-1.25, 1.25, h)
    c = x[None, :] + 1j * y[:, None]
    z = torch.zeros_like(c)
    n = torch.zeros(h, w, dtype=torch.int64)
    for _ in range(max_iter):
        z = z * z + c
        n += (z.real**2 + z.imag**2 <= 2).long()
    return n
