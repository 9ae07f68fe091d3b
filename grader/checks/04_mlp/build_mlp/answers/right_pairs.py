"""Pairs of sizes, the last activation taken off; one shared activation."""


def build_mlp(in_dim, hidden, out_dim, act=nn.ReLU):
    sizes = [in_dim] + list(hidden) + [out_dim]
    shared = act()
    layers = []
    for i in range(len(sizes) - 1):
        layers.append(nn.Linear(sizes[i], sizes[i + 1]))
        layers.append(shared)
    return nn.Sequential(nn.Flatten(), *layers[:-1])
