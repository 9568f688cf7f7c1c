// Small behaviours of every page: theme button, menus, toasts, copy buttons, shown passwords, confirm dialogs.
(function () {
  "use strict";

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.removeAttribute("open");
    });
  }

  async function copy(button) {
    var field = document.getElementById(button.dataset.copy);
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch (error) {
      document.execCommand("copy"); // without https there is no clipboard API
    }
    button.textContent = "Copied";
  }

  function onClick(event) {
    var target = event.target.closest("[data-theme-toggle],[data-close],[data-copy],[data-reveal],[data-open-dialog]");
    closeMenus(event.target.closest("details.menu"));
    if (!target) return;
    if (target.hasAttribute("data-theme-toggle")) window.toggleTheme();
    if (target.dataset.close) target.closest(target.dataset.close).remove();
    if (target.dataset.copy) copy(target);
    if (target.dataset.openDialog) document.getElementById(target.dataset.openDialog).showModal();
    if (target.dataset.reveal) {
      var field = document.getElementById(target.dataset.reveal);
      field.type = field.type === "password" ? "text" : "password";
      target.setAttribute("aria-pressed", String(field.type === "text"));
      target.textContent = field.type === "text" ? "Hide" : "Show";
    }
  }

  document.addEventListener("click", onClick);
  document.addEventListener("change", function (event) {
    if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var menu = document.querySelector("details.menu[open]");
    closeMenus(null);
    if (menu) menu.querySelector("summary").focus();
  });

  // Which button's form waits for an answer: pressed twice by accident, it is still sent once.
  document.addEventListener("submit", function (event) {
    if (event.target.dataset.sent) event.preventDefault();
    else if (event.target.method === "post") event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
    });
  });
})();
