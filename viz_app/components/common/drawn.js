// When the page can be spoken to.

/**
 * Call back once all is drawn. A server that answers earlier would lose a part of its answer.
 * @param {() => void} then
 */
export function whenDrawn(then) {
  const busy = Bokeh.documents.find((document) => !document.is_idle);
  if (!busy) {
    then();
    return;
  }
  const again = () => {
    busy.idle.disconnect(again);
    whenDrawn(then);
  };
  busy.idle.connect(again);
}
