"""Central differences of the loss, with a step that suits a parabola."""
# hint.en: a difference of two losses has no digits left
# hint.es: a una diferencia de dos pérdidas no le quedan cifras


def linear_loss_grads(w, b, x, y):
    def loss(w, b):
        return ((w * x + b - y) ** 2).mean()

    h = 0.5
    return (loss(w + h, b) - loss(w - h, b)) / (2 * h), (loss(w, b + h) - loss(w, b - h)) / (2 * h)
