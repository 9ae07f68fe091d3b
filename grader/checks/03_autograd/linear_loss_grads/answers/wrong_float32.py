"""Computes in float32 whatever comes in."""
# hint.en: `dw` has the right shape but wrong values
# hint.es: `dw`


def linear_loss_grads(w, b, x, y):
    dtype = w.dtype
    w, b, x, y = (v.float() for v in (w, b, x, y))
    error = w * x + b - y
    return (2 * (error * x).mean()).to(dtype), (2 * error.mean()).to(dtype)
