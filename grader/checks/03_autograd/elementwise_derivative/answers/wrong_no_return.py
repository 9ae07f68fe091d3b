"""Nothing is returned."""
# hint: A function without return gives None
# pista: Una función sin return


def elementwise_derivative(f, x):
    x = x.detach().clone().requires_grad_()
    y = f(x)
    y.backward(torch.ones_like(y))
    x.grad
