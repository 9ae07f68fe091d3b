"""The second column."""
# hint: Counting begins at 0: column 1
# pista: Se empieza a contar en 0: la columna 1


def slice_practice(
    x: torch.Tensor, threshold: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    last_row = x[-1]
    third_column = x[:, 1:2]
    even_rows_odd_columns = x[::2, 1::2]
    above = x[x > threshold]
    return last_row, third_column, even_rows_odd_columns, above
