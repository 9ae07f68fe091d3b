"""nn.Sigmoid, nn.Tanh and nn.ReLU"""
# title.es: nn.Sigmoid, nn.Tanh y nn.ReLU
# hint.en: Your activations are PyTorch's layers. Write each of the three with exp, abs, where or clamp.
# hint.es: Tus activaciones son las capas de PyTorch. Escribe cada una de las tres con exp, abs, where o clamp.
# class: fatal


LAYERS = {"sigmoid": nn.Sigmoid(), "tanh": nn.Tanh(), "relu": nn.ReLU()}


def activation(name):
    return LAYERS[name]


def act_grad(name):
    def slope(x):
        y = LAYERS[name](x)
        return {"sigmoid": y * (1 - y), "tanh": 1 - y**2, "relu": (x > 0).to(x.dtype)}[name]

    return slope
