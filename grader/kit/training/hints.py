"""Hints to the usual mistakes of training loops."""

from __future__ import annotations

from grader.kit.messages import tr

ZERO_GRAD = tr(
    "From the second batch on, the weights are those of a loop that never clears its gradients: backward adds to"
    " .grad, so optimizer.zero_grad() belongs in every batch."
)
NO_STEP = tr(
    "The weights never changed: is optimizer.step() called, after backward() and before the gradients are cleared, on"
    " this model's parameters? And does the loss come from the model's own output, with no .item(), .detach() or"
    " torch.tensor(…) in between?"
)
FIRST_TRAIN_MODE = tr("Call model.train() before the batches: nobody promises that the model comes in train mode.")
TRAIN_MODE = tr(
    "From the second epoch on, the model trains in eval mode: validation left it on. Call model.train() at the start"
    " of every epoch, not once before the loop."
)
EVAL_MODE = tr("Dropout is still on while you measure: call model.eval() before validation.")
NO_GRAD = tr("Validation builds a graph that nobody uses: put it under torch.no_grad().")
VALIDATES_ON_TRAIN = tr("Validate with the samples of val_loader, not with those of training.")
VAL_TRAINS = tr(
    "The weights change while you validate. Validation only looks: no backward, no step, and eval mode for layers that"
    " keep statistics."
)
TRAINS_ON_VAL = tr(
    "Samples kept for validation were trained on: what was learned cannot be measured with them any more."
)
LAST_BATCH = tr("The last batch, which is not full, is left out: a loop over the loader visits it too.")
NO_VALIDATION_BETWEEN = tr(
    "Two epochs of training follow one another with no validation between them: every epoch ends with one."
)
VALIDATES_FIRST = tr(
    "You validate before the epoch's training: the last epoch is then never measured, and each loss is an epoch late."
)
GOES_BACK = tr(
    "Until the end, training goes on from where it is: load the best weights back once, after the last epoch."
)
CHANGED_BETWEEN = tr(
    "Between a validation and the next epoch nothing should change the model: a forward pass in train mode changes the"
    " running means of batch normalisation, under torch.no_grad() too."
)
OTHER_START = tr("Train the model as it comes: initialise no layer anew, and train no copy of it.")
GRAD_LEFT_OFF = tr(
    "torch.set_grad_enabled(False) holds until somebody switches autograd on again, in the whole program: with"
    " torch.no_grad(): ends with its block."
)
NOT_RESTORED = tr(
    "The model keeps the weights of the last epoch: load the best ones back before returning; and a copy of them must"
    " be a copy, for state_dict() holds references."
)
HIGHEST = tr("Those are the weights of the highest validation loss: a loss is better when it is lower.")
LAST_MAY_BE_BEST = tr("The last epoch was the best: compare its loss and keep its weights like any other's.")
BY_ACCURACY = tr("Those are the weights with the highest accuracy: the lowest validation loss decides.")
PARAMETERS_ONLY = tr("The parameters are right and the buffers are not: state_dict() holds both.")
TENSORS_KEPT = tr("A loss that is still a tensor keeps its whole graph in memory: store loss.item().")
SAME_ORDER = tr("Every epoch has the same order of batches: iterate over the loader itself in each epoch.")
DEVICE_IGNORED = tr("The model never moves: model.to(device) once, and every batch's tensors .to(device) as well.")
DEVICE_MIXED = tr(
    "Model, inputs and labels must lie on one device: move the model once, and both tensors of every batch. New tensors"
    " take device= too."
)
