"""Blocks of 100 test points; votes counted by comparison."""


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    classes = ytr.unique()
    found = []
    for block in Xte.split(100):
        near = (block[:, None] - Xtr).pow(2).sum(-1).topk(k, largest=False).indices
        votes = (ytr[near][:, :, None] == classes).sum(1)
        found.append(classes[votes.argmax(1)])
    return torch.cat(found)
