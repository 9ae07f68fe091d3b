"""The derivative is a five-point difference."""
# hint: as a quotient of differences is
# pista: como la da un cociente de diferencias


def activation(name: str):
    def sigmoid(x):
        small = torch.exp(-x.abs())  # never larger than 1
        return torch.where(x >= 0, 1 / (1 + small), small / (1 + small))

    def tanh(x):
        return 2 * sigmoid(2 * x) - 1

    def relu(x):
        return x.clamp(min=0)

    return {"sigmoid": sigmoid, "tanh": tanh, "relu": relu}[name]


def act_grad(name: str):
    def gradient(x):
        h, x64, f = 1e-3, x.double(), activation(name)
        return ((8 * (f(x64 + h) - f(x64 - h)) - (f(x64 + 2 * h) - f(x64 - 2 * h))) / (12 * h)).to(x.dtype)

    return gradient
