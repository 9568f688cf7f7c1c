// Live progress of a run: asks again at a calm pace, slower while nothing changes, slower still while offline.

const FAST_MS = 1000;
const SLOW_MS = 8000;

export function watchProgress(section) {
  if (!section) return;
  const part = (name) => section.querySelector(`[data-part=${name}]`);
  const first = section.dataset.state;
  let wait = FAST_MS;
  let seen = "";

  const show = (now) => {
    part("stage").textContent = now.cancel_requested ? "Stopping" : now.stage_words;
    part("percent").textContent = `${now.percent} %`;
    part("left").textContent = now.left_words;
    const bar = section.querySelector("[role=progressbar]");
    bar.setAttribute("aria-valuenow", now.percent);
    bar.firstElementChild.style.width = `${now.percent}%`;
    const steps = now.stages.map((step) =>
      Object.assign(document.createElement("li"), {
        textContent: step.is_done ? step.words : `${step.words} ${step.percent} %`,
        className: step.is_done ? "done" : "",
      }),
    );
    part("steps").replaceChildren(...steps);
  };

  const ask = async () => {
    try {
      const answer = await fetch(section.dataset.url, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const now = await answer.json();
      const isOver = first === "none" ? now.state !== "none" : !["queued", "running"].includes(now.state);
      if (isOver) return location.reload();
      if (part("stage")) show(now);
      if (part("offline")) part("offline").hidden = true;
      const state = JSON.stringify(now);
      wait = state === seen ? Math.min(SLOW_MS, wait * 1.5) : FAST_MS;
      seen = state;
    } catch {
      if (part("offline")) part("offline").hidden = false;
      wait = Math.min(30_000, wait * 2);
    }
    setTimeout(ask, wait);
  };

  const bar = section.querySelector("[data-percent]");
  if (bar) bar.style.width = `${bar.dataset.percent}%`;
  setTimeout(ask, wait);
}
