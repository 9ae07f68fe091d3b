"""A tuple of states in place of a dict; map_location; the global generator under its other name."""


def save_checkpoint(path, epoch, model, optimizer, scheduler, generator):
    states = [part.state_dict() for part in (model, optimizer, scheduler)]
    with open(path, "wb") as file:
        torch.save((epoch, states, [generator.get_state(), torch.random.default_generator.get_state()]), file)


def load_checkpoint(path, model, optimizer, scheduler, generator):
    epoch, states, random_states = torch.load(path, map_location="cpu", weights_only=True)
    for part, state in zip((model, optimizer, scheduler), states):
        part.load_state_dict(state)
    for one, state in zip((generator, torch.random.default_generator), random_states):
        one.set_state(state)
    return epoch
