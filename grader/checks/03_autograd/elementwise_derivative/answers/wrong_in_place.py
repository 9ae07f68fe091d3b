"""x is moved in place and comes back only nearly."""
# title.es: x se mueve in-place y vuelve solo aproximadamente.
# hint.en: Your code adds to x itself and subtracts again, which writes in the caller's tensor and does not always restore its last digit. Work on a tensor of your own.
# hint.es: Tu código suma en la propia x y vuelve a restar, lo que escribe en el tensor de quien llama y no siempre restaura su última cifra. Trabaja con un tensor tuyo.
# class: serious


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
