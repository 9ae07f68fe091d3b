"""The sheet is always float32."""
# hint: torch.zeros alone makes float32
# pista: torch.zeros a secas da float32


def contact_sheet(images: torch.Tensor, ncols: int, pad: int = 1) -> torch.Tensor:
    n, _, height, width = images.shape
    nrows = (n + ncols - 1) // ncols
    sheet = torch.zeros(nrows * (height + pad) + pad, ncols * (width + pad) + pad)
    for i in range(n):
        top = pad + i // ncols * (height + pad)
        left = pad + i % ncols * (width + pad)
        sheet[top : top + height, left : left + width] = images[i, 0]
    return sheet


def to_hwc(image: torch.Tensor) -> torch.Tensor:
    return image.permute(1, 2, 0)
