"""PyTorch's own layer is kept in a list"""
# title.es: La capa de PyTorch está guardada en una lista
# hint.en: Your layer leaves its work to an nn.Linear inside it. Make the parameters yourself and write the product in forward.
# hint.es: Tu capa deja su trabajo a una nn.Linear que lleva dentro. Crea tú los parámetros y escribe el producto en forward.
# class: fatal


class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.kept = [nn.Linear(in_features, out_features, bias)]
        self.weight, self.bias = self.kept[0].weight, self.kept[0].bias

    def forward(self, x):
        return self.kept[0](x)
