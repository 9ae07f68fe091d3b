"""Clones are no views."""
# hint: It is a copy: a list of indices copies
# pista: Es una copia: una lista de índices copia


def slice_practice(
    x: torch.Tensor, threshold: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    last_row = x[-1].clone()
    third_column = x[:, 2:3]
    even_rows_odd_columns = x[::2, 1::2].clone()
    above = x[x > threshold]
    return last_row, third_column, even_rows_odd_columns, above
