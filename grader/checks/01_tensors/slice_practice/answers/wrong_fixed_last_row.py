"""The last row is number 2, whatever the size."""
# hint: An index is beyond the end
# pista: Un índice se sale


def slice_practice(
    x: torch.Tensor, threshold: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    last_row = x[2]
    third_column = x[:, 2:3]
    even_rows_odd_columns = x[::2, 1::2]
    above = x[x > threshold]
    return last_row, third_column, even_rows_odd_columns, above
