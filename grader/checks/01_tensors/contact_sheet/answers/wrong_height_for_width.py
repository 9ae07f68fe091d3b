"""Height and width are confused."""
# hint: The value does not fit into the place
# pista: El valor no cabe en el sitio


def contact_sheet(images: torch.Tensor, ncols: int, pad: int = 1) -> torch.Tensor:
    n, _, width, height = images.shape
    nrows = (n + ncols - 1) // ncols
    sheet = images.new_zeros(nrows * (height + pad) + pad, ncols * (width + pad) + pad)
    for i in range(n):
        top = pad + i // ncols * (height + pad)
        left = pad + i % ncols * (width + pad)
        sheet[top : top + height, left : left + width] = images[i, 0]
    return sheet


def to_hwc(image: torch.Tensor) -> torch.Tensor:
    return image.permute(1, 2, 0)
