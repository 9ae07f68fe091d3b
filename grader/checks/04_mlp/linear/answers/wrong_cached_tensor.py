"""A plain tensor made in __init__ stays on the CPU"""
# title.es: Un tensor normal creado en __init__ se queda en la CPU
# hint.en: Your layer keeps a plain tensor, and layer.to(device) moves parameters and buffers alone. Ask yourself whether you need that tensor at all.
# hint.es: Tu capa guarda un tensor normal, y layer.to(device) solo mueve parámetros y buffers. Pregúntate si hace falta ese tensor.
# class: serious


class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / in_features**0.5)
        self.bias = nn.Parameter(torch.zeros(out_features)) if bias else None
        self.scale = torch.ones(out_features)

    def forward(self, x):
        y = (x @ self.weight.T) * self.scale
        return y if self.bias is None else y + self.bias
