"""Values equal to the threshold are in."""
# hint: an equal value stays out
# pista: un valor igual se queda fuera


def slice_practice(
    x: torch.Tensor, threshold: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    last_row = x[-1]
    third_column = x[:, 2:3]
    even_rows_odd_columns = x[::2, 1::2]
    above = x[x >= threshold]
    return last_row, third_column, even_rows_odd_columns, above
