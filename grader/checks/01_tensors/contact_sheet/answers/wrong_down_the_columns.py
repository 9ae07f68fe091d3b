"""Pictures go down the columns."""
# hint: The pictures go down the columns
# pista: Las imágenes van bajando por las columnas


def contact_sheet(images: torch.Tensor, ncols: int, pad: int = 1) -> torch.Tensor:
    n, _, height, width = images.shape
    nrows = (n + ncols - 1) // ncols
    sheet = images.new_zeros(nrows * (height + pad) + pad, ncols * (width + pad) + pad)
    for i in range(n):
        top = pad + i % nrows * (height + pad)
        left = pad + i // nrows * (width + pad)
        sheet[top : top + height, left : left + width] = images[i, 0]
    return sheet


def to_hwc(image: torch.Tensor) -> torch.Tensor:
    return image.permute(1, 2, 0)
