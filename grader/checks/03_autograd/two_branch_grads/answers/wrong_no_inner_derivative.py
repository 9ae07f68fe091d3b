"""The derivative of 2x is missing in both results."""
# title.es: En los dos resultados falta la derivada de 2x.
# hint.en: Your results are half of what they should be. What is the inner derivative of sin(2x)?
# hint.es: Tus resultados son la mitad de lo que deben ser. ¿Cuál es la derivada interior de sin(2x)?
# class: fatal


def two_branch_grads(x):
    z = torch.sin(2 * x.detach())
    dz = torch.cos(2 * x.detach())
    return z * dz, dz
