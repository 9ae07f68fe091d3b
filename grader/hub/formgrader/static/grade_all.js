// The panel that grades an assignment's submissions and shows how far that is, whoever began it.
// `base_url`, `assignment_id`, `models` and `getCookie` are nbgrader's.
(function () {
  "use strict";

  var MILLISECONDS = 1000;
  var address = base_url + "/formgrader/api/assignment/" + encodeURIComponent(assignment_id) + "/autograde";
  var panel = $("#grade-all");
  var button = $("#grade-all-button");
  var stop = $("#grade-all-stop");
  var label = button.text();
  var wasRunning = false;
  var lastDone = 0;
  var refusal = "";
  var timer;

  function refreshRows() {
    if (models === undefined || !models.loaded) return;
    models.fetch({ success: function () { models.each(function (model) { model.trigger("sync", model); }); } });
  }

  function showError(text, log, isOfSome) {
    $("#grade-all-error")
      .text(text)
      .css("white-space", "pre-line")
      .toggleClass("alert-warning", isOfSome)
      .toggleClass("alert-danger", !isOfSome)
      .prop("hidden", !text);
    $("#grade-all-log").prop("hidden", !log).find("pre").text(log);
  }

  function show(state) {
    var part = state.total ? 100 * state.done / state.total : state.running ? 100 : 0;
    var isOver = !state.running && !state.error && !state.interrupted;
    $("#grade-all-progress").prop("hidden", !state.running && !wasRunning);
    panel.find(".progress-bar")
      .css("width", part + "%")
      .attr("aria-valuenow", Math.round(part))
      .text(state.total ? state.done + " / " + state.total : "")
      .toggleClass("progress-bar-striped active", state.running)
      .toggleClass("progress-bar-success", isOver)
      .toggleClass("progress-bar-warning", !state.running && !isOver);
    $("#grade-all-text").text(state.text || "");
    button.prop("disabled", state.running).text(state.interrupted ? panel.data("again") : label);
    stop.toggle(state.running).prop("disabled", state.stopping);  // a button of Bootstrap's is shown with `hidden`
    var error = refusal || (state.running ? "" : state.error);
    showError(error, state.running || wasRunning || error ? state.log : "", state.failed > 0 && !refusal);
    if (state.done !== lastDone || (wasRunning && !state.running)) refreshRows();
    lastDone = state.done;
    wasRunning = state.running || wasRunning;
    if (state.running) timer = setTimeout(ask, MILLISECONDS);
  }

  // A hub refuses what does not show the page's token; nbgrader's own prefilter adds it to POST alone.
  function request(method) {
    return $.ajax({ url: address, method: method, dataType: "json", headers: { "X-CSRFToken": getCookie("_xsrf") } });
  }

  function ask() {
    clearTimeout(timer);
    request("GET").done(show).fail(function () {
      $("#grade-all-text").text(panel.data("no-answer"));
      timer = setTimeout(ask, 5 * MILLISECONDS);
    });
  }

  button.on("click", function () {
    button.prop("disabled", true);
    refusal = "";
    $.post(address).done(function (answer) {
      refusal = answer.success ? "" : answer.error;
      wasRunning = answer.success;
    }).fail(function (answer) {
      refusal = answer.status + " " + answer.statusText;
    }).always(ask);
  });

  stop.on("click", function () {
    stop.prop("disabled", true);
    refusal = "";
    request("DELETE").done(function (answer) {
      refusal = answer.success ? "" : answer.error;
    }).fail(function (answer) {
      refusal = answer.status + " " + answer.statusText;
    }).always(ask);
  });

  ask();
})();
