"""Images lose whole channels."""
# hint: Every single value is kept or dropped by itself
# pista: Cada valor se conserva o se apaga por su cuenta


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return torch.zeros_like(x)
        shape = (*x.shape[:2], 1, 1) if x.ndim == 4 else x.shape
        return x * (torch.rand(shape, device=x.device) >= self.p) / (1 - self.p)
