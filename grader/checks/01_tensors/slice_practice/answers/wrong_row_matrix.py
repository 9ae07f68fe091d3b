"""The last row has kept its dimension."""
# hint: It has shape (1, N) and (N,) was asked
# pista: Tiene forma (1, N) y se pedía (N,)


def slice_practice(
    x: torch.Tensor, threshold: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    last_row = x[-1:]
    third_column = x[:, 2:3]
    even_rows_odd_columns = x[::2, 1::2]
    above = x[x > threshold]
    return last_row, third_column, even_rows_odd_columns, above
