"""PyTorch's own function."""


outer = torch.outer
