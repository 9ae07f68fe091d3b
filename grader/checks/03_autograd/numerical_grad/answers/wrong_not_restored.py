"""x itself moves, and comes back only nearly."""
# hint.en: is not always x, to the last bit
# hint.es: no siempre es x, hasta el último bit


def numerical_grad(f, x, eps=1e-6):
    with torch.no_grad():
        flat = x.data.double()
        grad = torch.zeros(x.shape, dtype=torch.float64)
        for index in [tuple(i) for i in torch.ones(x.shape).nonzero().tolist()]:
            flat[index] += eps
            ahead = f(flat)
            flat[index] -= 2 * eps
            behind = f(flat)
            flat[index] += eps
            grad[index] = (ahead - behind) / (2 * eps)
    return grad
