"""to_hwc reshapes."""
# hint: The pictures are sliced into strips
# pista: Las imágenes salen cortadas en tiras


def contact_sheet(images: torch.Tensor, ncols: int, pad: int = 1) -> torch.Tensor:
    n, _, height, width = images.shape
    nrows = (n + ncols - 1) // ncols
    sheet = images.new_zeros(nrows * (height + pad) + pad, ncols * (width + pad) + pad)
    for i in range(n):
        top = pad + i // ncols * (height + pad)
        left = pad + i % ncols * (width + pad)
        sheet[top : top + height, left : left + width] = images[i, 0]
    return sheet


def to_hwc(image: torch.Tensor) -> torch.Tensor:
    channels, height, width = image.shape
    return image.reshape(height, width, channels)
