"""PyTorch's operators, reached through torch.ops"""
# title.es: Los operadores de PyTorch, a través de torch.ops
# hint.en: Your activations call PyTorch's own under other names. Write them with exp, abs, where or clamp.
# hint.es: Tus activaciones llaman a las de PyTorch con otros nombres. Escríbelas con exp, abs, where o clamp.
# class: fatal


def activation(name):
    aten = torch.ops.aten
    return {"sigmoid": aten.special_expit, "tanh": lambda x: 2 * aten.special_expit(2 * x) - 1, "relu": lambda x: aten.hardtanh(x, 0.0, float("inf"))}[name]


def act_grad(name):
    def slope(x):
        y = activation(name)(x)
        return {"sigmoid": y * (1 - y), "tanh": 1 - y**2, "relu": (x > 0).to(x.dtype)}[name]

    return slope
