"""x itself moves and comes back only nearly."""
# title.es: La propia x se mueve y vuelve solo aproximadamente.
# hint.en: Your code moves x itself, and x + eps - 2 eps + eps is not always x to the last bit. Work on a tensor of your own.
# hint.es: Tu código mueve la propia x, y x + eps - 2 eps + eps no siempre es x hasta el último bit. Trabaja con un tensor tuyo.
# class: serious


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
