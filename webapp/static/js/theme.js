// Runs before the first paint: the theme chosen here before, else the one the system asks for.
(function () {
  "use strict";
  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");
  function stored() {
    try {
      return localStorage.getItem("theme");
    } catch (error) {
      return null;
    }
  }
  function apply() {
    root.dataset.theme = stored() || (system.matches ? "dark" : "light");
  }
  apply();
  system.addEventListener("change", apply);
  window.toggleTheme = function () {
    var next = root.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", next);
    } catch (error) {
      // Private windows may refuse: the choice then lasts for this page.
    }
    root.dataset.theme = next;
    document.dispatchEvent(new CustomEvent("themechange", { detail: next }));
  };
})();
