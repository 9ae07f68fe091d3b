"""Rows of pictures joined with cat; transposes."""


def contact_sheet(images: torch.Tensor, ncols: int, pad: int = 1) -> torch.Tensor:
    n, _, height, width = images.shape
    vertical = images.new_zeros(height, pad)
    blank = images.new_zeros(height, width)
    rows = []
    for start in range(0, n, ncols):
        chosen = [image[0] for image in images[start : start + ncols]]
        chosen += [blank] * (ncols - len(chosen))
        parts = [vertical]
        for tile in chosen:
            parts += [tile, vertical]
        row = torch.cat(parts, dim=1)
        horizontal = images.new_zeros(pad, row.shape[1])
        rows += [row, horizontal]
    return torch.cat([horizontal, *rows])


def to_hwc(image: torch.Tensor) -> torch.Tensor:
    return image.transpose(0, 1).transpose(1, 2)
