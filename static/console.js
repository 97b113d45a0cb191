// Small manners of the console: copy buttons, menus that close, keys for neighbours, and names for Unfold's icons.
(() => {
  "use strict";

  // Between inserting a dialog and settling it, htmx leaves its form without a handler: a quick Enter would post the
  // form to the page behind it.
  htmx.config.defaultSettleDelay = 0;

  const ICON_NAMES = {
    close: "Close",
    dock_to_right: "Show or hide the sidebar",
    more_horiz: "Actions",
    more_vert: "Actions",
    light_mode: "Theme",
    dark_mode: "Theme",
    computer: "Theme",
    expand_more: "Show more",
    search: "Search",
    add: "Add",
    arrow_back: "Back",
    arrow_left_alt: "Back",
  };
  const TYPING = "input, textarea, select, [contenteditable]";
  const NEIGHBOURS = { j: "next", k: "prev" };

  // Unfold opens its menus with clickable spans, which no keyboard reaches, and reads the names of icons aloud.
  function reachable(root) {
    root.querySelectorAll("span[x-on\\:click], div[x-on\\:click], a[x-on\\:click]:not([href])").forEach((control) => {
      if (control.hasAttribute("tabindex")) return;
      control.tabIndex = 0;
      control.setAttribute("role", "button");
    });
    root.querySelectorAll(".material-symbols-outlined").forEach((icon) => {
      const control = icon.closest("a, button, [role=button]");
      const name = icon.textContent.trim();
      if (control && control.textContent.trim() === name && !control.hasAttribute("aria-label")) {
        control.setAttribute("aria-label", control.title || ICON_NAMES[name] || "Menu");
      }
      if (icon !== control) icon.setAttribute("aria-hidden", "true");
    });
  }

  function showCopyButtons(root) {
    if (!navigator.clipboard) return;
    root.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));
  }

  async function copy(button) {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 1500);
  }

  function closeMenus(except) {
    document.querySelectorAll(".cf-menu[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  }

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest(".cf-menu"));
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });

  document.addEventListener("change", (event) => {
    event.target.closest("[data-submit-on-change]")?.requestSubmit();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const open = document.querySelector(".cf-menu[open]");
      closeMenus();
      open?.querySelector("summary").focus();
    } else if ((event.key === "Enter" || event.key === " ") && event.target.matches("[role=button]:not(button)")) {
      event.preventDefault();
      event.target.click();
    } else if (!event.target.closest(TYPING)) {
      document.querySelector(`.cf-neighbours a[rel=${NEIGHBOURS[event.key] ?? "none"}]`)?.click();
    }
  });

  function prepare(root) {
    reachable(root);
    showCopyButtons(root);
  }

  document.addEventListener("DOMContentLoaded", () => {
    prepare(document);
    document.querySelectorAll("[data-submit-on-change] button[type=submit]").forEach((button) => (button.hidden = true));
    document.body.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  });
})();
