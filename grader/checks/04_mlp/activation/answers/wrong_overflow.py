"""e^x / (1 + e^x) overflows."""
# hint: infinity is NaN
# pista: entre infinito es NaN


def activation(name: str):
    def sigmoid(x):
        return torch.exp(x) / (1 + torch.exp(x))

    def tanh(x):
        return 2 * sigmoid(2 * x) - 1

    def relu(x):
        return x.clamp(min=0)

    return {"sigmoid": sigmoid, "tanh": tanh, "relu": relu}[name]


def act_grad(name: str):
    def gradient(x):
        if name == "relu":
            return (x > 0).to(x.dtype)
        y = activation(name)(x)
        return y * (1 - y) if name == "sigmoid" else 1 - y**2

    return gradient
