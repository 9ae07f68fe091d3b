"""The weights are copied by hand; the seeds are states, in a dict of dicts; torch.load's default reads data alone."""


def save_checkpoint(path, epoch, model, optimizer, scheduler, generator):
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    rng = {"loader": generator.get_state(), "torch": torch.get_rng_state()}
    state = {"weights": weights, "optim": optimizer.state_dict(), "sched": scheduler.state_dict(), "rng": rng}
    torch.save({"state": state, "epoch": epoch}, Path(path))


def load_checkpoint(path, model, optimizer, scheduler, generator):
    found = torch.load(Path(path), weights_only=True)
    state = found["state"]
    with torch.no_grad():
        for name, value in model.state_dict().items():
            value.copy_(state["weights"][name])
    scheduler.load_state_dict(state["sched"])
    optimizer.load_state_dict(state["optim"])
    torch.set_rng_state(state["rng"]["torch"])
    generator.set_state(state["rng"]["loader"])
    return int(found["epoch"])
