"""Through NumPy: the graph is cut."""
# hint: leaves the tensor cuts the graph
# pista: corta el grafo


def activation(name: str):
    def sigmoid(x):
        small = torch.exp(-x.abs())  # never larger than 1
        return torch.where(x >= 0, 1 / (1 + small), small / (1 + small))

    def tanh(x):
        return 2 * sigmoid(2 * x) - 1

    def relu(x):
        return x.detach().clamp(min=0)

    return {"sigmoid": sigmoid, "tanh": tanh, "relu": relu}[name]


def act_grad(name: str):
    def gradient(x):
        if name == "relu":
            return (x > 0).to(x.dtype)
        y = activation(name)(x)
        return y * (1 - y) if name == "sigmoid" else 1 - y**2

    return gradient
