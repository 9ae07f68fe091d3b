"""By hand, without the derivative of 2x."""
# hint.en: has that of 2x as a factor
# hint.es: lleva como factor la de 2x


def two_branch_grads(x):
    z = torch.sin(2 * x.detach())
    dz = torch.cos(2 * x.detach())
    return z * dz, dz
