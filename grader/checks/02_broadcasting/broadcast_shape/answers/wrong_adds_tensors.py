"""Tensors of both shapes are added, and the sum's shape is read."""
# title.es: Se suman tensores de las dos formas y se lee la forma de la suma.
# hint.en: Your code lets a sum of tensors broadcast, and writing that rule is the exercise. Which two sizes fit, and what comes of them?
# hint.es: Tu código deja que una suma de tensores haga el broadcasting, y escribir esa regla es el ejercicio. ¿Qué dos tamaños encajan, y qué sale de ellos?
# class: fatal


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    try:
        return tuple((torch.zeros(a) + torch.zeros(b)).shape)
    except RuntimeError:
        raise ValueError(f"{a} and {b} do not broadcast") from None
