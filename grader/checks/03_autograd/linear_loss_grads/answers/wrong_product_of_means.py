"""The product of the means."""
# hint: The mean of a product is not the product of the means
# pista: La media de un producto no es el producto de las medias


def linear_loss_grads(w, b, x, y):
    error = w * x + b - y
    return 2 * error.mean() * x.mean(), 2 * error.mean()
