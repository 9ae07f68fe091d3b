"""No return."""
# hint: without return gives None
# pista: sin return devuelve None


def elementwise_derivative(f, x):
    x = x.clone()
    f(x)
