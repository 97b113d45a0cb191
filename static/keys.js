// Keys of buttons and folded parts that name one with data-key, unless the user types or holds a modifier.
(() => {
  "use strict";

  const TYPING = "input:not([type=hidden]), textarea, select, [contenteditable]";

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest(TYPING)) return;
    const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!found) return;
    event.preventDefault();
    if (found.matches("details")) found.open = !found.open;
    else found.click();
  });

  // A second key before the next page is there would decide on what the user has not seen.
  document.addEventListener("submit", () => {
    document.querySelectorAll("button[data-key]").forEach((button) => button.removeAttribute("data-key"));
  });
})();
