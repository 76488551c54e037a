"use strict";
/* Comforts only: every page works without this file. */
document.addEventListener("keydown", (event) => {
  const writing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey) {
    const find = document.querySelector("input[type=search]");
    if (find) { event.preventDefault(); find.select(); }
  }
});
const live = document.querySelector("[data-live]");
if (live) {
  /* New lines come while nobody reads one, writes or marks a word. */
  setInterval(() => {
    const isRead = document.hidden || document.querySelector("details[open]") || String(getSelection());
    const isWritten = document.activeElement?.closest("input, select");
    if (!isRead && !isWritten) location.reload();
  }, Number(live.dataset.live) * 1000);
}
for (const form of document.querySelectorAll("[data-selection]")) {
  const each = [...form.querySelectorAll("input[name=id]")];
  const all = form.querySelector("[data-all]");
  const count = form.querySelector("[data-count]");
  const tell = () => {
    const chosen = each.filter((box) => box.checked).length;
    if (count) count.textContent = chosen ? String(chosen) : "";
    if (all) { all.checked = chosen === each.length; all.indeterminate = chosen > 0 && !all.checked; }
  };
  all?.addEventListener("change", () => { each.forEach((box) => { box.checked = all.checked; }); tell(); });
  form.addEventListener("change", tell);
  tell();
}
for (const button of document.querySelectorAll("[data-copy]")) {
  /* The clipboard is there on https and on this machine; elsewhere the words are marked at least. */
  const words = button.previousElementSibling;
  button.hidden = false;
  button.addEventListener("click", async () => {
    words.select();
    await navigator.clipboard?.writeText(words.value);
    if (navigator.clipboard) button.textContent = "✓";
  });
}
