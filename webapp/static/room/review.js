// Corrections: sends them one after another, takes the server's word for what became of the event, and tells the room.

function token() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

export class Review extends EventTarget {
  /** @param {{correct: string, standing: string, evidence: string}} urls @param {Array} events rows of the room */
  constructor(urls, events) {
    super();
    Object.assign(this, { urls, events, queue: [], random: new Set(), meter: null, undoWords: "", redoWords: "" });
    this.line = Promise.resolve();
    this.waiting = 0;
  }

  async begin() {
    const answer = await fetch(this.urls.standing, { headers: { Accept: "application/json" } });
    if (answer.ok) this.#stand(await answer.json());
  }

  /** Make one change; resolves to the event as it is now, or to null when it was refused (told as "problem"). */
  send(fields) {
    const sent = this.line.then(() => this.#send(fields));
    this.line = sent.catch(() => {});
    return sent;
  }

  async #send(fields) {
    let answer, said;
    try {
      answer = await fetch(this.urls.correct, {
        method: "POST",
        body: new URLSearchParams(fields),
        headers: { "X-CSRFToken": token(), Accept: "application/json" },
      });
      said = await answer.json();
    } catch {
      return this.#refused("The change did not reach the server. Check the connection and try again.");
    }
    if (!answer.ok) return this.#refused(said.error ?? "The change was refused.");
    let event = this.events.find((row) => row.id === said.event.id);
    if (event) Object.assign(event, said.event);
    else this.events.push((event = said.event));
    this.#stand(said);
    this.dispatchEvent(new CustomEvent("changed", { detail: { event, kind: said.kind } }));
    return event;
  }

  #refused(words) {
    this.dispatchEvent(new CustomEvent("problem", { detail: words }));
    return null;
  }

  #stand(said) {
    this.queue = said.queue;
    this.random = new Set(said.random);
    this.meter = said.meter;
    this.undoWords = said.undo;
    this.redoWords = said.redo;
    this.dispatchEvent(new CustomEvent("standing"));
  }

  /** The event the queue holds next: after the chosen one when that is in the queue, else its head. */
  next(selected, direction = 1) {
    const here = selected ? this.queue.indexOf(selected.id) : -1;
    const id = here < 0 ? this.queue[direction > 0 ? 0 : this.queue.length - 1] : this.queue[here + direction];
    return this.events.find((row) => row.id === id) ?? null;
  }

  evidence(event) {
    return fetch(this.urls.evidence.replace("/0/", `/${event.id}/`)).then((answer) => (answer.ok ? answer.json() : null));
  }
}
