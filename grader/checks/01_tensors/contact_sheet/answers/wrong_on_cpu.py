"""The sheet lies on the CPU, wherever the pictures lie."""
# hint: lies on the CPU while the input lies on the GPU
# pista: está en la CPU y la entrada en la GPU


def contact_sheet(images: torch.Tensor, ncols: int, pad: int = 1) -> torch.Tensor:
    n, _, height, width = images.shape
    nrows = (n + ncols - 1) // ncols
    sheet = torch.zeros(nrows * (height + pad) + pad, ncols * (width + pad) + pad, dtype=images.dtype)
    for i in range(n):
        top = pad + i // ncols * (height + pad)
        left = pad + i % ncols * (width + pad)
        sheet[top : top + height, left : left + width] = images[i, 0]
    return sheet


def to_hwc(image: torch.Tensor) -> torch.Tensor:
    return image.permute(1, 2, 0)
