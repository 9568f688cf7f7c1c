// What a setting of the slider is expected to show wrongly and to leave out, from the events' own confidences.

/**
 * Expected numbers of false and missed events when the model's events below `least` are hidden.
 *
 * An event of confidence p is right with probability p; one that a person spoke about is certain. Only events that the
 * analysis proposed at all are counted: what it never saw is in no number.
 */
export function expected(events, least) {
  let shown = 0;
  let wrong = 0;
  let missed = 0;
  for (const event of events) {
    const isSpoken = event.status !== "auto";
    const p = isSpoken ? Number(event.status !== "rejected") : event.confidence;
    if (isSpoken ? event.status !== "rejected" : event.confidence >= least && !event.is_withheld) {
      shown += 1;
      wrong += 1 - p;
    } else missed += p;
  }
  const about = (n) => (n < 0.05 ? "0" : n < 9.5 ? n.toFixed(1) : String(Math.round(n)));
  return {
    shown,
    wrong,
    missed,
    words: `from ${Math.round(least * 100)} %: about ${about(wrong)} false, ${about(missed)} missed`,
  };
}
