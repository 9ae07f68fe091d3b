"""The last row is number 1."""
# hint: The last one of any tensor has index -1
# pista: la última de cualquier tensor, tiene el índice -1


def slice_practice(
    x: torch.Tensor, threshold: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    last_row = x[1] if len(x) > 1 else x[0]
    third_column = x[:, 2:3]
    even_rows_odd_columns = x[::2, 1::2]
    above = x[x > threshold]
    return last_row, third_column, even_rows_odd_columns, above
