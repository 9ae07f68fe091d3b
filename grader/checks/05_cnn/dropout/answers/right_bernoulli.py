"""A mask of Bernoulli draws, with the scale in it."""


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.keep = 1.0 - p

    def forward(self, x):
        if self.training:
            mask = torch.bernoulli(torch.full_like(x, self.keep))
            return x * mask / max(self.keep, 1e-12)
        return x
