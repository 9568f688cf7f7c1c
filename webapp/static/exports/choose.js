// Shows the questions that the chosen format heeds; without this script all of them are shown.
(function () {
  "use strict";
  var form = document.getElementById("export");
  if (!form) return;
  var always = ["events", "manifest"];
  function show() {
    var chosen = form.querySelector("input[name=format]:checked");
    var asked = always.concat(chosen.dataset.asks.split(" "));
    form.querySelectorAll("[data-field]").forEach(function (row) {
      row.hidden = asked.indexOf(row.dataset.field) < 0;
      row.querySelectorAll("input, select").forEach(function (input) {
        input.disabled = row.hidden;
      });
    });
  }
  form.addEventListener("change", show);
  show();
})();
