// Progress of the layer's job: asked for every second, and the page comes anew when it is over.

const job = document.getElementById("layer-job");

async function ask() {
  try {
    const answer = await fetch(job.dataset.url, { headers: { Accept: "application/json" } });
    const now = await answer.json();
    if (!["queued", "running"].includes(now.state)) return void location.reload();
    job.querySelector("progress").value = now.percent;
  } catch {
    // The connection may come back; the next question finds out.
  }
  setTimeout(ask, 1000);
}

if (job) setTimeout(ask, 1000);
