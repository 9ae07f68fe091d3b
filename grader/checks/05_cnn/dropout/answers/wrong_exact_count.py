"""Exactly a share p is dropped."""
# hint: Each value has its own chance
# pista: Cada valor tiene su propia suerte


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return torch.zeros_like(x)
        n = x.numel()
        mask = torch.ones(n, device=x.device)
        mask[torch.randperm(n, device=x.device)[: int(self.p * n)]] = 0
        return x * mask.reshape(x.shape) / (1 - self.p)
