"""x is moved in place, for differences."""
# hint.en: Your function changed its input in place
# hint.es: clone


def elementwise_derivative(f, x):
    with torch.no_grad():
        eps = 1e-4
        x += eps
        ahead = f(x)
        x -= 2 * eps
        behind = f(x)
        x += eps
        slope = torch.func.jvp(f, (x.detach(),), (torch.ones_like(x),))[1]
    return slope + 0 * (ahead - behind)
