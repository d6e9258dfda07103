// The intake form: what resembles the text is asked for while one types; answers are filled in by a key.
const form = document.querySelector("form.tx-form");
let timer = 0;

form?.addEventListener("input", (event) => {
  if (!event.target.matches("[data-similar]")) return;
  clearTimeout(timer);
  timer = setTimeout(() => document.body.dispatchEvent(new Event("desk:typed")), 250);
});

function fill(button) {
  if (button.dataset.answer) {
    form.elements.answer.value = button.dataset.body;
    form.elements.canned_id.value = button.dataset.answer;
  } else {
    form.elements.article_id.value = button.dataset.article;
    const said = button.closest("li").querySelector("p").textContent.trim();
    if (!form.elements.answer.value) form.elements.answer.value = said;
  }
  form.elements.answer.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-answer], [data-article]");
  if (button && form) fill(button);
});

document.addEventListener("keydown", (event) => {
  if (!form || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.altKey && /^[1-6]$/.test(event.key)) {
    const button = document.querySelectorAll("[data-answer]")[Number(event.key) - 1];
    if (button) { event.preventDefault(); fill(button); }
  }
});
