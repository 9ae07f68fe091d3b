"""x is rounded to float32 before anything else."""
# hint: Only the first digits are right
# pista: Solo las primeras cifras están bien


def numerical_grad(f, x, eps=1e-6):
    flat = x.detach().float().reshape(-1)
    moves = eps * torch.eye(flat.numel(), dtype=torch.float64)
    slopes = [float(f((flat + m).reshape(x.shape)) - f((flat - m).reshape(x.shape))) / (2 * eps) for m in moves]
    return torch.tensor(slopes, dtype=torch.float64).reshape(x.shape)
