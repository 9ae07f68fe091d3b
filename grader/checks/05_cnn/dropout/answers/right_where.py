"""where and uniform_."""


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
    def forward(self, x):
        if self.training and self.p > 0:
            keep = torch.empty_like(x).uniform_() > self.p
            x = torch.where(keep, x / max(1 - self.p, 1e-12), 0.0)
        return x
