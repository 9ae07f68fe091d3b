"""Sums over the samples, divided by their number."""


def linear_loss_grads(w, b, x, y):
    z = torch.add(torch.mul(x, w), b)
    grad_z = -2 * (y - z) / z.numel()
    dw = torch.sum(grad_z * x)
    db = torch.sum(grad_z)
    return (dw, db)
