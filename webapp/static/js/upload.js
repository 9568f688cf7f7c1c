// The upload page: one tus upload per place, with speed, time left, pause, resume and cancel.
// A place is found by delegation, since the server may redraw it at any time.
(function () {
  "use strict";
  var page = document.getElementById("uploads");
  if (!page || !window.tus) return;
  var CHUNK_BYTES = 16 * 1024 * 1024;
  var RETRY_MS = [0, 1000, 2000, 4000, 8000, 15000, 30000, 30000, 60000, 60000];
  var active = new Map(); // half -> {upload, file, isPaused, samples}

  function inWords(bytes) {
    var units = ["bytes", "KB", "MB", "GB", "TB"];
    var index = 0;
    while (bytes >= 1024 && index < units.length - 1) {
      bytes /= 1024;
      index += 1;
    }
    return (index && bytes < 100 ? bytes.toFixed(1) : Math.round(bytes)) + " " + units[index];
  }

  function timeInWords(seconds) {
    if (!isFinite(seconds)) return "";
    if (seconds < 60) return Math.max(1, Math.round(seconds)) + " s left";
    if (seconds < 3600) return Math.round(seconds / 60) + " min left";
    return Math.floor(seconds / 3600) + " h " + Math.round((seconds % 3600) / 60) + " min left";
  }

  function slotOf(half) {
    return page.querySelector('[data-slot="' + half + '"]');
  }

  function part(half, name) {
    return slotOf(half).querySelector("[data-" + name + "]");
  }

  function showProblem(half, sentence) {
    var box = part(half, "problem");
    box.textContent = sentence || "";
    box.hidden = !sentence;
  }

  function showTransfer(half, isShown) {
    part(half, "transfer").hidden = !isShown;
    part(half, "drop").hidden = isShown;
    var unfinished = part(half, "unfinished");
    if (unfinished) unfinished.hidden = isShown;
  }

  // Speed over the last ten seconds: steady enough to read, quick enough to follow a change.
  function showProgress(half, sent, total) {
    var job = active.get(half);
    if (!job) return;
    var now = performance.now();
    job.samples.push([now, sent]);
    while (job.samples.length > 2 && now - job.samples[0][0] > 10000) job.samples.shift();
    var first = job.samples[0];
    var rate = ((sent - first[1]) * 1000) / (now - first[0] || 1);
    var share = total ? sent / total : 0;
    part(half, "bar").value = Math.floor(share * 1000);
    part(half, "percent").textContent = Math.floor(share * 100) + " %";
    part(half, "size").textContent = inWords(sent) + " of " + inWords(total);
    part(half, "speed").textContent = rate > 0 ? inWords(rate) + "/s · " + timeInWords((total - sent) / rate) : "";
  }

  function setPaused(half, isPaused) {
    var job = active.get(half);
    job.isPaused = isPaused;
    job.samples = [];
    part(half, "pause").textContent = isPaused ? "Resume" : "Pause";
    part(half, "status").textContent = isPaused ? "Upload paused" : "Uploading";
    if (isPaused) part(half, "speed").textContent = "Paused";
  }

  function sentenceOf(error) {
    var answer = error.originalResponse;
    var status = answer ? answer.getStatus() : 0;
    if (status === 403 && !/^(Only|You)/.test(answer.getBody() || "")) {
      return "This page is too old to upload. Reload it, then choose the same file to go on.";
    }
    if (status >= 400 && status < 600 && answer.getBody() && !/^\s*</.test(answer.getBody())) return answer.getBody();
    if (!status) return "The server cannot be reached. What has arrived is kept: press Resume when the connection is back.";
    return "The server answered with an error (" + status + "). What has arrived is kept: press Resume to try again.";
  }

  function isFinal(error) {
    var status = error.originalResponse ? error.originalResponse.getStatus() : 0;
    return [400, 403, 404, 410, 413, 415, 507].includes(status);
  }

  function onError(half, error) {
    showProblem(half, sentenceOf(error));
    if (!active.has(half)) return;
    if (isFinal(error)) {
      part(half, "status").textContent = "";
      active.delete(half);
      showTransfer(half, false);
    } else {
      setPaused(half, true);
    }
  }

  function redraw(half) {
    var slot = slotOf(half);
    return fetch(slot.dataset.url, { headers: { "HX-Request": "true" } })
      .then(function (answer) {
        if (!answer.ok) throw new Error("no answer");
        return answer.text();
      })
      .then(function (html) {
        slot.outerHTML = html;
        window.htmx.process(slotOf(half));
      })
      .catch(function () {
        window.location.reload();
      });
  }

  // The server knows of unfinished uploads too: they go on even in another browser.
  function knownUrl(half, file) {
    var kept = slotOf(half).dataset;
    var isSame = kept.uploadUrl && kept.uploadName === file.name && Number(kept.uploadSize) === file.size;
    return isSame ? kept.uploadUrl : null;
  }

  function start(half, file) {
    if (active.has(half)) return;
    showProblem(half, "");
    if (!file.size) {
      showProblem(half, "This file is empty. Choose the video itself.");
      return;
    }
    var upload = new window.tus.Upload(file, {
      endpoint: page.dataset.endpoint,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      headers: { "X-CSRFToken": page.dataset.csrf },
      metadata: { match: page.dataset.match, half: String(half), filename: file.name },
      removeFingerprintOnSuccess: true,
      fingerprint: function () {
        var marks = ["touchline", page.dataset.match, half, file.name, file.size, file.lastModified];
        return Promise.resolve(marks.join("|"));
      },
      onShouldRetry: function (error) {
        if (active.has(half)) part(half, "speed").textContent = "Connection lost, trying again…";
        return !isFinal(error);
      },
      onProgress: function (sent, total) {
        showProgress(half, sent, total);
      },
      onError: function (error) {
        onError(half, error);
      },
      onSuccess: function () {
        active.delete(half);
        redraw(half);
      },
    });
    active.set(half, { upload: upload, file: file, isPaused: false, samples: [] });
    showTransfer(half, true);
    part(half, "name").textContent = file.name;
    setPaused(half, false);
    upload.findPreviousUploads().then(function (previous) {
      var known = knownUrl(half, file);
      if (known) upload.url = known;
      else if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
      upload.start();
    });
  }

  function togglePause(half) {
    var job = active.get(half);
    if (!job) return;
    if (job.isPaused) {
      showProblem(half, "");
      setPaused(half, false);
      job.upload.start();
    } else {
      job.upload.abort();
      setPaused(half, true);
    }
  }

  function cancel(half) {
    var job = active.get(half);
    active.delete(half);
    job.upload
      .abort(true)
      .catch(function () {
        // The sweeper removes what could not be removed now.
      })
      .then(function () {
        redraw(half);
      });
  }

  function discard(half) {
    var slot = slotOf(half);
    fetch(slot.dataset.uploadUrl, {
      method: "DELETE",
      headers: { "X-CSRFToken": page.dataset.csrf, "Tus-Resumable": "1.0.0" },
    }).then(function () {
      redraw(half);
    });
  }

  function halfOf(element) {
    var slot = element.closest && element.closest("[data-slot]");
    return slot ? Number(slot.dataset.slot) : null;
  }

  page.addEventListener("change", function (event) {
    if (event.target.name === "files") {
      page.querySelectorAll("[data-files]").forEach(function (group) {
        group.hidden = group.dataset.files !== event.target.value;
      });
    }
    if (event.target.matches("[data-file]") && event.target.files.length) {
      var file = event.target.files[0];
      event.target.value = "";
      start(halfOf(event.target), file);
    }
  });

  page.addEventListener("click", function (event) {
    if (event.target.closest("[data-pause]")) togglePause(halfOf(event.target));
    if (event.target.closest("[data-cancel]")) cancel(halfOf(event.target));
    if (event.target.closest("[data-discard]")) discard(halfOf(event.target));
  });

  ["dragover", "dragleave", "drop"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      event.preventDefault(); // a file dropped beside the place must not replace the page
      var drop = event.target.closest && event.target.closest("[data-drop]");
      page.querySelectorAll(".drop.is-over").forEach(function (each) {
        each.classList.remove("is-over");
      });
      if (!drop) return;
      if (kind === "dragover") drop.classList.add("is-over");
      if (kind === "drop" && event.dataTransfer.files.length) start(halfOf(drop), event.dataTransfer.files[0]);
    });
  });

  window.addEventListener("beforeunload", function (event) {
    var isBusy = Array.from(active.values()).some(function (job) {
      return !job.isPaused;
    });
    if (isBusy) event.preventDefault();
  });
})();
