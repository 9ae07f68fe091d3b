"""The two halves, stacked in three ways."""


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    first, second = x.chunk(2)
    cols_first = torch.stack([first, second], dim=-1)
    return torch.stack([first, second]), cols_first, cols_first.contiguous().view(-1), torch.stack([first[None], second[None]])
