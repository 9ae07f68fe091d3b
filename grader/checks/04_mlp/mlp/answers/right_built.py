"""build_mlp inside."""


class MLP(nn.Module):
    def __init__(self, in_dim, hidden, out_dim, act=nn.ReLU):
        super(MLP, self).__init__()
        self.net = build_mlp(in_dim, hidden, out_dim, act)

    def forward(self, x):
        return self.net(x)
