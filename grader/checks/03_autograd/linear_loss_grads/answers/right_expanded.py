"""The square expanded, with means of products."""


def linear_loss_grads(w, b, x, y):
    mean = torch.mean
    dw = 2 * (w * mean(x * x) + b * mean(x) - mean(x * y))
    return dw, 2 * (w * mean(x) + b - mean(y))
