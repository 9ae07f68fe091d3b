"""The gradients are differences of the loss."""
# title.es: Los gradientes son diferencias de la pérdida.
# hint.en: Your gradients come from differences of two losses, which lose their digits where the loss is large. The text asks for the formulas.
# hint.es: Tus gradientes salen de diferencias de dos pérdidas, que pierden sus cifras cuando la pérdida es grande. El enunciado pide las fórmulas.
# class: fatal


def linear_loss_grads(w, b, x, y):
    def loss(w, b):
        return ((w * x + b - y) ** 2).mean()

    h = 0.5
    return (loss(w + h, b) - loss(w - h, b)) / (2 * h), (loss(w, b + h) - loss(w, b - h)) / (2 * h)
