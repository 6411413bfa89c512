// Comfort only: every page works without. "/" finds, "j" and "k" go from statement to
// statement, "?" lists the keys; and a button copies what stands before it.
const statements = () =>
  [...document.querySelectorAll("main .said a, main .text > a, main .brief > a")];

function step(by) {
  const all = statements();
  if (!all.length) return;
  let at = all.indexOf(document.activeElement);
  if (at < 0) at = by > 0 ? -1 : all.length;
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "center" });
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => {
    const field = document.querySelector("input[type=search], textarea");
    if (field) field.focus();
    else location.assign(document.querySelector("link[rel=search]").href);
  },
  "?": () => location.assign(document.querySelector("link[rel=help]").href),
};

document.addEventListener("keydown", (event) => {
  const writing = event.composedPath()[0].closest("input, textarea, select, [contenteditable]");
  if (writing || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent.trim();
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.done;
  });
}
