// What the page can do without, and is quicker with: keys, and match levels that apply at once.

const box = document.getElementById("q");
const form = document.getElementById("search");
const titles = [...document.querySelectorAll(".hit .title a")];

const typing = (target) => target instanceof HTMLElement && target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");

const move = (step) => {
  const place = titles.indexOf(document.activeElement);
  const next = place < 0 ? 0 : place + step;
  titles[next]?.focus();
};

// An empty box is Arabic; what is typed decides for itself.
box.addEventListener("input", () => { box.dir = box.value ? "auto" : "rtl"; });

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    if (location.hash === "#facets") location.hash = "#results";
    else if (document.activeElement === box) box.blur();
    return;
  }
  if (typing(event.target)) return;
  // The keys by their place too: an Arabic keyboard has other letters there.
  if (event.key === "/" || event.key === "ظ") {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.code === "KeyJ") move(1);
  else if (event.code === "KeyK") move(-1);
});

for (const level of form.querySelectorAll("input[name=match]")) {
  // Only a pointer applies at once: arrow keys walk through the levels.
  level.addEventListener("click", (event) => {
    if (event.detail > 0) form.requestSubmit();
  });
}

form.addEventListener("submit", () => {
  // Empty boxes and the default level say nothing; the address is shorter without them.
  const silent = [...form.elements].filter((field) => {
    if (!field.name || field.type === "checkbox") return false;
    if (field.type === "radio") return field.value === "root";
    return field.name !== "q" && !field.value;
  });
  for (const field of silent) field.disabled = true;
  setTimeout(() => silent.forEach((field) => { field.disabled = false; }));
});
