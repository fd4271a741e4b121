// Optional: the page works without this script. It adds keyboard shortcuts, match levels that apply at once, and
// facet values that are searched while typing.

const box = document.getElementById("q");
const form = document.getElementById("search");
const titles = [...document.querySelectorAll(".hit .title a")];

const typing = (target) => target instanceof HTMLElement && target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");

const move = (step) => {
  const index = titles.indexOf(document.activeElement);
  const next = index < 0 ? 0 : index + step;
  titles[next]?.focus();
};

// An empty box is set from right to left; otherwise the text decides the direction.
box.addEventListener("input", () => { box.dir = box.value ? "auto" : "rtl"; });

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    if (location.hash === "#facets") location.hash = "#results";
    else if (document.activeElement === box) box.blur();
    return;
  }
  if (typing(event.target)) return;
  // J and K are matched by their physical key, and «/» also by the letter of its key: Arabic layouts have others there.
  if (event.key === "/" || event.key === "ظ") {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.code === "KeyJ") move(1);
  else if (event.code === "KeyK") move(-1);
});

for (const level of form.querySelectorAll("input[name=match]")) {
  // Only a click with a pointer applies a level at once, since arrow keys select each level that they pass.
  level.addEventListener("click", (event) => {
    if (event.detail > 0) form.requestSubmit();
  });
}

const digits = document.body.dataset.digits === "arab" ? "ar-u-nu-arab" : "en";

// The values of a facet are searched while the user types; without this script the box leads to a page for it.
const valueRow = (value) => {
  const link = document.createElement("a");
  const name = document.createElement("bdi");
  const count = document.createElement("span");
  link.className = "pick";
  link.href = value.toggle_url.replace("/api/v1", "");
  name.className = "name";
  name.textContent = value.label.replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
  count.className = "count";
  count.textContent = value.count.toLocaleString(digits);
  link.append(name, count);
  const row = document.createElement("li");
  row.className = "value";
  row.append(link);
  return row;
};

for (const finder of document.querySelectorAll(".facets form.find")) {
  const typed = finder.elements.prefix;
  const list = document.createElement("ul");
  let latest = 0;
  let waiting;
  list.className = "matching";
  list.setAttribute("aria-live", "polite");
  finder.after(list);
  const find = async () => {
    const turn = ++latest;
    const rows = [];
    if (typed.value.trim()) {
      const answer = await fetch(`/api/v1${new URL(finder.action).pathname}?${new URLSearchParams(new FormData(finder))}`);
      if (!answer.ok) return;
      rows.push(...(await answer.json()).facet.values.slice(0, 12).map(valueRow));
    }
    if (turn === latest) list.replaceChildren(...rows);
  };
  typed.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 150);
  });
}

form.addEventListener("submit", () => {
  // Empty boxes and the default level are left out, so that the address is short.
  const omitted = [...form.elements].filter((field) => {
    if (!field.name || field.type === "checkbox") return false;
    if (field.type === "radio") return field.value === "lemma";
    return field.name !== "q" && !field.value;
  });
  for (const field of omitted) field.disabled = true;
  setTimeout(() => omitted.forEach((field) => { field.disabled = false; }));
});
