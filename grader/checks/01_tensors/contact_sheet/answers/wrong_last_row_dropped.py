"""A row that is not full is dropped."""
# hint: The last row of pictures is missing
# pista: Falta la última fila de imágenes


def contact_sheet(images: torch.Tensor, ncols: int, pad: int = 1) -> torch.Tensor:
    n, _, height, width = images.shape
    nrows = n // ncols
    sheet = images.new_zeros(nrows * (height + pad) + pad, ncols * (width + pad) + pad)
    for i in range(nrows * ncols):
        top = pad + i // ncols * (height + pad)
        left = pad + i % ncols * (width + pad)
        sheet[top : top + height, left : left + width] = images[i, 0]
    return sheet


def to_hwc(image: torch.Tensor) -> torch.Tensor:
    return image.permute(1, 2, 0)
