"""There is no border around the sheet."""
# hint: The border goes around every picture
# pista: El borde rodea cada imagen


def contact_sheet(images: torch.Tensor, ncols: int, pad: int = 1) -> torch.Tensor:
    n, _, height, width = images.shape
    nrows = (n + ncols - 1) // ncols
    sheet = images.new_zeros(nrows * (height + pad) + pad, ncols * (width + pad) + pad)
    for i in range(n):
        top = pad + i // ncols * (height + pad)
        left = pad + i % ncols * (width + pad)
        sheet[top : top + height, left : left + width] = images[i, 0]
    return sheet[pad : sheet.shape[0] - pad, pad : sheet.shape[1] - pad]


def to_hwc(image: torch.Tensor) -> torch.Tensor:
    return image.permute(1, 2, 0)
