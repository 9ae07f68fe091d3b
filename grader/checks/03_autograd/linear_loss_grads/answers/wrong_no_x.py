"""The inner derivative of w is forgotten."""
# hint: The chain rule ends with the derivative of z by w
# pista: La regla de la cadena acaba con la derivada de z respecto de w


def linear_loss_grads(w, b, x, y):
    error = w * x + b - y
    return 2 * error.mean(), 2 * error.mean()
