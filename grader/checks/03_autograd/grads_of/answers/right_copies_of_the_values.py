"""New tensors from the values."""


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    dtypes = [x.dtype if x.dtype.is_floating_point else torch.float32 for x in xs]
    xs = [torch.tensor(x.tolist(), dtype=dtype, requires_grad=True) for x, dtype in zip(xs, dtypes)]
    f(*xs).backward()
    return tuple(x.grad for x in xs)
