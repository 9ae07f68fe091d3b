"""A list of pairs, an identity in place of no transform, torchvision's other functions."""


class ImageDataset(Dataset):
    def __init__(self, paths, labels, transform=None):
        super().__init__()
        self.samples = list(zip(paths, labels))
        self.transform = transform or (lambda image: image)

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        path, label = self.samples[index]
        pixels = transforms.functional.pil_to_tensor(Image.open(path))
        return self.transform(pixels / 255), label
