// What the board needs from the page: its theme, now and whenever it changes.
(function () {
  "use strict";
  var root = document.documentElement;
  function theme() {
    return root.dataset.theme === "dark" ? "dark" : "light";
  }
  window.dash_clientside = Object.assign({}, window.dash_clientside, { board: { theme: theme } });
  new MutationObserver(function () {
    if (window.dash_clientside.set_props) window.dash_clientside.set_props("theme", { data: theme() });
  }).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
})();
