// Forms of rubrics: a digit answers the question in focus, or the first open one, and moves on to the next.
(() => {
  "use strict";

  const TYPING = "input:not([type=radio]):not([type=checkbox]), textarea, select";

  const questions = () => [...document.querySelectorAll("fieldset.cf-question")].filter((one) => radios(one).length);
  const radios = (question) => [...question.querySelectorAll("input[type=radio]")];
  const isOpen = (question) => !radios(question).some((radio) => radio.checked);

  document.addEventListener("keydown", (event) => {
    // Another handler may have taken the key, such as the one of the review page for a reason.
    if (event.defaultPrevented) return;
    const form = document.getElementById("score-form");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
    if (!/^[0-9]$/.test(event.key)) return;
    const focused = event.target.closest("fieldset.cf-question");
    const all = questions();
    const question = all.includes(focused) ? focused : all.find(isOpen);
    const radio = question && radios(question).find((one) => one.value === event.key);
    if (!radio) return;
    event.preventDefault();
    radio.checked = true;
    const following = all.slice(all.indexOf(question) + 1).find(isOpen);
    (following ? radios(following)[0] : radio).focus();
  });
})();
