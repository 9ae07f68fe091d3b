"""Both are converted to float32."""
# hint: Decimal numbers came out where whole numbers were asked
# pista: Han salido números decimales


def outer(a, b):
    return a.float()[:, None] * b.float()[None, :]
