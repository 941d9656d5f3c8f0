// Filter of the scorecard: three menus above the table, made only where the table is.
(() => {
  "use strict";
  const badge = document.querySelector("td .claim-speaker");
  if (!badge) return;
  const table = badge.closest("table");
  const rows = [...table.tBodies[0].rows];
  const facets = { verdict: ".verdict", speaker: ".claim-speaker", chapter: ".claim-chapter" };
  const value = (row, name) => row.querySelector(facets[name]).textContent.trim();
  const asked = new URLSearchParams(window.location.search);

  const form = document.createElement("form");
  form.setAttribute("aria-label", "Filter the claims");
  form.style.cssText = "display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end;margin:1rem 0";
  const menus = Object.keys(facets).map((name) => {
    const label = document.createElement("label");
    label.style.cssText = "display:flex;flex-direction:column;font-size:.9rem;max-width:100%";
    label.append(name);
    const menu = document.createElement("select");
    menu.name = name;
    menu.style.cssText = "min-height:2.25rem;font:inherit;max-width:100%";
    menu.add(new Option("all", ""));
    const counts = new Map();
    for (const row of rows) counts.set(value(row, name), (counts.get(value(row, name)) || 0) + 1);
    const order = [...counts.keys()];
    if (name === "chapter") order.sort();
    else order.sort((a, b) => counts.get(b) - counts.get(a));
    for (const key of order) menu.add(new Option(`${key} (${counts.get(key)})`, key));
    if (counts.has(asked.get(name))) menu.value = asked.get(name);
    label.append(menu);
    form.append(label);
    return menu;
  });
  const reset = document.createElement("button");
  reset.type = "reset";
  reset.textContent = "Show all";
  reset.style.cssText = "min-height:2.25rem;padding:0 .8rem;font:inherit";
  const shown = document.createElement("output");
  shown.style.cssText = "min-height:2.25rem;line-height:2.25rem;font-weight:600";
  form.append(reset, shown);
  (table.closest(".pst-scrollable-table-container") || table).before(form);

  const filter = () => {
    let count = 0;
    for (const row of rows) {
      const fits = menus.every((menu) => !menu.value || value(row, menu.name) === menu.value);
      row.style.display = fits ? "" : "none";
      count += fits;
    }
    shown.textContent = `${count} of ${rows.length} claims`;
    const query = new URLSearchParams(menus.filter((m) => m.value).map((m) => [m.name, m.value]));
    const tail = query.size ? `?${query}` : "";
    window.history.replaceState(null, "", window.location.pathname + tail + window.location.hash);
  };
  form.addEventListener("change", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
})();
