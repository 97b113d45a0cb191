// The review page: keys press the buttons that show them, and a verdict brings the next row without loading a page.
(() => {
  "use strict";

  const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
  // What the server says of a verdict that it did not take is shown like any other card.
  const ANSWERED = [400, 409];
  let first = "";

  const card = () => document.getElementById("review");
  const control = (keys) => card().querySelector(`[data-key="${CSS.escape(keys)}"]`);

  function arm(fieldset, key) {
    first = key;
    fieldset.focus();
  }

  function open(details) {
    details.open = details.id === "review-edit" || !details.open;
    details.querySelector("textarea")?.focus();
  }

  function press(key) {
    const found = control(first ? `${first} ${key}` : key);
    first = "";
    if (!found) return false;
    if (found.matches("fieldset")) arm(found, key);
    else if (found.matches("details")) open(found);
    else found.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (!card()) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.name === "edited_response") {
      event.preventDefault();
      card().querySelector("button[value=edit]").click();
    } else if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (event.target.closest(TYPING)) {
      if (event.key === "Escape") event.target.blur();
    } else if (event.key === "Enter" && event.target.closest("a, button, summary, label")) {
      return;
    } else if (press(event.key)) {
      event.preventDefault();
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    const refused = document.getElementById("review-refused");
    if (!refused) return;

    function refuse(text) {
      refused.textContent = text;
      refused.hidden = false;
      refused.scrollIntoView();
    }

    document.body.addEventListener("htmx:beforeSwap", (event) => {
      if (!ANSWERED.includes(event.detail.xhr.status)) return;
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    });
    document.body.addEventListener("htmx:afterSwap", () => {
      first = "";
      refused.hidden = true;
      document.getElementById("review-row")?.focus({ preventScroll: true });
    });
    document.body.addEventListener("htmx:responseError", (event) => {
      refuse(event.detail.xhr.status === 403 ? refused.dataset.forbidden : refused.dataset.failed);
    });
    document.body.addEventListener("htmx:sendError", () => refuse(refused.dataset.failed));
  });
})();
