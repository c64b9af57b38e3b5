// The first iteration can be looked at stage by stage before Python lives: what it would answer to a
// click on a stage or an inner stage of the timeline was recorded when the page was built.

/** @type {Recorded | null} */
let recorded = null;
let place = [0, 0]; // stage, inner stage

/**
 * Show what a click leads to, if it was recorded. Python is told of the click all the same.
 * @param {Changed} event
 */
function look(event) {
  const { origin: model, data } = event.msg_data ?? {};
  if (!recorded || model?.id !== recorded.player) return;
  if ("stage" in data) place = [data.stage, 0];
  else if ("inner" in data) place = [place[0], data.inner];
  else return;
  const events = recorded.places[place[0]]?.[place[1]];
  if (events) show({ events }, new Map());
}
