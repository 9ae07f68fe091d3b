"""All elements move at once."""
# title.es: Todos los elementos se mueven a la vez.
# hint.en: Your code adds eps to every element at once, so each result is the sum of all derivatives. Which element moves for which derivative?
# hint.es: Tu código suma eps a todos los elementos a la vez, así que cada resultado es la suma de todas las derivadas. ¿Qué elemento se mueve para qué derivada?
# class: fatal


def numerical_grad(f, x, eps=1e-6):
    x = x.detach().double()
    return torch.ones_like(x) * (f(x + eps) - f(x - eps)) / (2 * eps)
