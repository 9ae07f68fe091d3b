"""Odd rows and even columns."""
# hint: Counting begins at 0: rows 0, 2, 4
# pista: Se empieza a contar en 0: las filas 0, 2, 4


def slice_practice(
    x: torch.Tensor, threshold: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    last_row = x[-1]
    third_column = x[:, 2:3]
    even_rows_odd_columns = x[1::2, ::2]
    above = x[x > threshold]
    return last_row, third_column, even_rows_odd_columns, above
