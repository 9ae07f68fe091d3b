"""A subclass of nn.Sequential."""


class MLP(nn.Sequential):
    def __init__(self, in_dim, hidden, out_dim, act=nn.ReLU):
        layers = [nn.Flatten()]
        for n, m in zip([in_dim, *hidden], hidden):
            layers += [nn.Linear(n, m), act()]
        super().__init__(*layers, nn.Linear(hidden[-1] if hidden else in_dim, out_dim))
