"""No return."""
# hint: without return gives None
# pista: sin return da None


def elementwise_derivative(f, x):
    x = x.clone()
    f(x)
