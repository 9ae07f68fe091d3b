"""select, narrow, as functions; masked_select."""


def slice_practice(
    x: torch.Tensor, threshold: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    rows, columns = x.shape
    return (
        x.select(0, rows - 1),
        x[:, 2].unsqueeze(1),
        x[0:rows:2][:, 1:columns:2],
        torch.masked_select(x, x.gt(threshold)),
    )
