"""Named attributes, the output layer made first, own Linear."""


class MLP(nn.Module):
    def __init__(self, in_dim, hidden, out_dim, act=nn.ReLU):
        super().__init__()
        self.output = Linear(hidden[-1] if hidden else in_dim, out_dim)
        self.count = len(hidden)
        for i, (n, m) in enumerate(zip([in_dim] + hidden, hidden)):
            setattr(self, f"fc{i}", Linear(n, m))
            setattr(self, f"act{i}", act())

    def forward(self, x):
        x = x.reshape(x.shape[0], -1)
        for i in range(self.count):
            x = getattr(self, f"act{i}")(getattr(self, f"fc{i}")(x))
        return self.output(x)
