// The charts, sorting and filters of the report. Tables hold all numbers without this script.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const students = data.students.map(([name, section, total, points, share, earlier, hours]) =>
    ({ name, section, total, points, share, earlier, hours }));
  const exercises = data.exercises.map(
    ([exercise, notebook, share, telling, full, partly, nothing, unwritten, waiting, none]) =>
      ({ exercise, notebook, share, telling, full, partly, nothing, unwritten, waiting, none }));
  const ink = "var(--ag-ink)", faint = "var(--ag-faint)", blue = "var(--blue)", line = "var(--ag-line)";
  const orange = "var(--orange)", paper = "var(--ag-paper)";
  const percent = (value) => `${Math.round(100 * value)} %`;
  const text = (value) => String(Math.round(value * 100) / 100);
  const many = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const cut = (words, most) => (words.length > most ? `${words.slice(0, most - 1)}…` : words);
  const style = { background: "none", color: "inherit", fontSize: "12.5px", fontFamily: "inherit" };
  const tip = { fill: paper, stroke: line, fontSize: 13, lineWidth: 40 };

  for (const one of document.querySelectorAll(".needs-script")) one.hidden = false;

  // ---- charts: each is drawn anew when its width or the choice of a section changes

  const drawings = new Map();

  function plot(box, options) {
    const made = Plot.plot({ style, ...options });
    const svg = made.tagName === "svg" ? made : made.querySelector("svg");
    for (const part of svg.querySelectorAll("g[aria-label]")) part.removeAttribute("aria-label");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${box.dataset.label}. The table has the numbers.`);
    return made;
  }

  function chart(name, draw) {
    const box = document.getElementById(`chart-${name}`);
    if (!box) return;
    box.hidden = false;
    let before = 0;
    const redraw = () => {
      const width = Math.floor(box.clientWidth);
      if (!width) return;
      before = width;
      const parts = draw(width, box);
      if (parts === null) box.hidden = true;
      else box.replaceChildren(...[parts].flat());
    };
    drawings.set(name, redraw);
    redraw();
    new ResizeObserver(() => { if (Math.floor(box.clientWidth) !== before) redraw(); }).observe(box);
  }

  function legend(entries) {
    const list = document.createElement("p");
    list.className = "legend";
    for (const [words, colour] of entries) {
      const one = document.createElement("span"), mark = document.createElement("i");
      mark.style.background = colour;
      one.append(mark, words);
      list.append(one);
    }
    return list;
  }

  // ---- points

  const section = document.getElementById("points-section");
  const chosen = () => (section && section.value
    ? students.filter((one) => one.section === section.value) : students);

  function histogram(box, values, most, width, height, label) {
    const bins = Array.from({ length: 20 }, (_, at) => ({ x1: at * most / 20, x2: (at + 1) * most / 20, n: 0 }));
    for (const value of values) bins[Math.max(0, Math.min(19, Math.floor(20 * value / most)))].n += 1;
    const middle = d3.median(values);
    return plot(box, {
      width, height, marginLeft: 34, marginBottom: 36, marginTop: 22, marginRight: 16,
      x: { domain: [0, most], label, ticks: Math.max(3, Math.min(10, width / 70)) },
      y: { label: "students", grid: true, nice: true, ticks: Math.min(d3.max(bins, (bin) => bin.n), height / 45), tickFormat: (n) => (Number.isInteger(n) ? n : "") },
      marks: [
        Plot.rectY(bins, {
          x1: "x1", x2: "x2", y: "n", fill: blue, inset: 0.5, rx: 2,
          title: (bin) => `${text(bin.x1)} to ${text(bin.x2)} points: ${many(bin.n, "student")}`, tip,
        }),
        Plot.ruleY([0], { stroke: faint }),
        ...(values.length ? [
          Plot.ruleX([middle], { stroke: ink, strokeWidth: 1.5, strokeDasharray: "4 3" }),
          Plot.text([middle], {
            x: (at) => at, frameAnchor: "top", dy: -14, text: () => `median ${text(middle)}`, fill: ink,
            textAnchor: middle > 0.75 * most ? "end" : middle < 0.25 * most ? "start" : "middle",
          }),
        ] : []),
      ],
    });
  }

  chart("total", (width, box) => {
    const values = chosen().map((one) => one.total).filter((value) => value !== null);
    if (!data.total) return null;
    return histogram(box, values, data.total, Math.min(width, 900), 270, "total points →");
  });

  chart("notebooks", (width, box) => {
    if (data.notebooks.length < 2) return null;
    const grid = document.createElement("div");
    grid.className = "small-multiples";
    const columns = Math.max(1, Math.min(data.notebooks.length, 4, Math.floor(width / 250)));
    grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    const own = Math.floor((width - 24 * (columns - 1)) / columns);
    data.notebooks.forEach(([name, most], at) => {
      if (!most) return;
      const part = document.createElement("div"), title = document.createElement("p");
      title.className = "chart-title";
      title.textContent = name;
      const values = chosen().map((one) => one.points[at]).filter((value) => value !== null);
      const drawn = histogram(box, values, most, own, 170, "points →");
      drawn.setAttribute("aria-label", `Histogram of the points of ${name}. The table has the numbers.`);
      part.append(title, drawn);
      grid.append(part);
    });
    return grid;
  });

  if (section) {
    section.addEventListener("change", () => { for (const name of ["total", "notebooks"]) drawings.get(name)?.(); });
  }

  // ---- sections

  chart("sections", (width, box) => {
    const there = students.filter((one) => one.total !== null)
      .map((one) => ({ ...one, section: one.section || "no section" }));
    const names = [...new Set(there.map((one) => one.section))].sort();
    if (names.length < 2 || names.length > 30) return null;
    const left = Math.min(160, 24 + 7 * Math.max(...names.map((name) => name.length)), width * 0.35);
    return plot(box, {
      width: Math.min(width, 900), height: 60 + 38 * names.length, marginLeft: left, marginBottom: 36,
      x: { domain: [0, data.total], label: "total points →", grid: true },
      y: { domain: names, label: null, tickFormat: (name) => cut(name, Math.floor(left / 7)), tickSize: 0 },
      marks: [
        Plot.boxX(there, { x: "total", y: "section", fill: "var(--pale)", stroke: ink, fillOpacity: 0.9, r: 2.5 }),
      ],
    });
  });

  // ---- exercises

  const KINDS = [
    ["all points", "full", blue], ["some", "partly", "var(--pale)"], ["none", "nothing", orange],
    ["not written", "unwritten", "var(--grey)"], ["by hand", "waiting", "var(--soft)"],
    ["no verdict", "none", ink],
  ];

  chart("outcomes", (width, box) => {
    if (!exercises.length) return null;
    const shown = KINDS.filter(([, key]) => exercises.some((one) => one[key]));
    const left = Math.min(220, width * 0.36);
    const label = (one) => `${one.notebook}\u0000${one.exercise}`;
    const rows = exercises.flatMap((one) => shown.map(([words, key], at) =>
      ({ row: label(one), kind: words, at, count: one[key], one })));
    const most = d3.max(exercises, (one) => d3.sum(KINDS, ([, key]) => one[key]));
    return [legend(shown.map(([words, , colour]) => [words, colour])), ...data.notebooks.map(([name]) => {
      const own = rows.filter((row) => row.one.notebook === name);
      if (!own.length) return [];
      const part = document.createElement("div"), title = document.createElement("p");
      title.className = "chart-title";
      title.textContent = name;
      const names = [...new Set(own.map((row) => row.row))];
      const drawn = plot(box, {
        width: Math.min(width, 1000), height: 26 * names.length + 30, marginLeft: left, marginTop: 4, marginBottom: 24,
        x: { domain: [0, most], label: null, ticks: Math.min(10, width / 90), tickFormat: (n) => (Number.isInteger(n) ? n : "") },
        y: { domain: names, label: null, tickSize: 0, tickFormat: (row) => cut(row.split("\u0000")[1], Math.floor(left / 7.2)) },
        color: { domain: shown.map(([words]) => words), range: shown.map(([, , colour]) => colour) },
        marks: [
          Plot.barX(own, {
            x: "count", y: "row", fill: "kind", order: "at", insetTop: 2, insetBottom: 2, insetRight: 1,
            title: (row) => `${row.one.exercise}, ${row.kind}: ${many(row.count, "student")}`, tip,
          }),
        ],
      });
      drawn.setAttribute("aria-label", `Students by outcome in ${name}. The table has the numbers.`);
      part.append(title, drawn);
      return part;
    }).flat()];
  });

  chart("items", (width, box) => {
    const there = exercises.filter((one) => one.share !== null && one.telling !== null);
    if (there.length < 2) return null;
    const low = Math.min(-0.1, d3.min(there, (one) => one.telling) - 0.05);
    const odd = there.filter((one) => one.telling < 0.1 || one.share < 0.4);
    return plot(box, {
      width: Math.min(width, 900), height: Math.min(430, Math.max(300, width * 0.55)), marginLeft: 48, marginBottom: 40, marginRight: 30,
      x: { domain: [0, 1], label: "share of points, easier →", tickFormat: percent, grid: true, ticks: Math.min(10, width / 80) },
      y: { domain: [low, 1], label: "↑ discrimination, more telling", grid: true },
      marks: [
        Plot.ruleY([0], { stroke: faint }),
        Plot.rect([0], { x1: 0, x2: 1, y1: low, y2: 0.1, fill: "var(--ag-hint)", fillOpacity: 0.55 }),
        Plot.text([0], { x: 0.01, y: 0.1, dy: 10, text: () => "look at the check", textAnchor: "start", fill: faint }),
        Plot.dot(there, {
          x: "share", y: "telling", r: 5, fill: (one) => (odd.includes(one) ? orange : blue), stroke: paper,
          title: (one) => `${one.exercise} (${one.notebook})\nshare ${percent(one.share)}, discrimination ${one.telling.toFixed(2)}`, tip,
        }),
        Plot.text(odd.slice(0, 12), {
          x: "share", y: "telling", text: (one) => cut(one.exercise, 22), dy: -11, fill: ink, stroke: paper, strokeWidth: 3,
          textAnchor: (one) => (one.share > 0.85 ? "end" : one.share < 0.12 ? "start" : "middle"),
        }),
      ],
    });
  });

  chart("groups", (width, box) => {
    const rows = data.groups
      .map(([group, exercise, notebook, failing, judged]) => ({ group, exercise, notebook, failing, judged, rate: failing / judged }))
      .sort((one, other) => other.failing - one.failing || other.rate - one.rate).slice(0, 15);
    if (!rows.length) return null;
    const left = Math.min(380, width * 0.5), most = Math.floor(left / 6.9);
    const label = (row) => `${row.exercise}: ${row.group}`;
    rows.forEach((row, at) => { row.key = `${at}\u0000${cut(label(row), most)}`; });
    return plot(box, {
      width: Math.min(width, 1000), height: 27 * rows.length + 44, marginLeft: left, marginTop: 6, marginBottom: 36, marginRight: 44,
      x: { label: "students who fail →", grid: true, ticks: Math.min(8, width / 110, d3.max(rows, (row) => row.failing)), tickFormat: (n) => (Number.isInteger(n) ? n : "") },
      y: { domain: rows.map((row) => row.key), label: null, tickSize: 0, tickFormat: (key) => key.split("\u0000")[1] },
      marks: [
        Plot.barX(rows, {
          x: "failing", y: "key", fill: orange, insetTop: 3, insetBottom: 3, rx: 2,
          title: (row) => `${label(row)}\n${row.failing} of ${many(row.judged, "student")} fail`, tip,
        }),
        Plot.text(rows, { x: "failing", y: "key", text: (row) => percent(row.rate), dx: 5, textAnchor: "start", fill: ink }),
      ],
    });
  });

  // ---- time

  chart("hours", (width, box) => {
    const days = data.hours.map((hour) => Math.max(-14, Math.min(10, hour / 24)));
    const low = Math.floor(Math.min(-1, d3.min(days))), high = Math.ceil(Math.max(1, d3.max(days)));
    const size = high - low > 8 ? 0.5 : 0.25;
    const bins = d3.bin().domain([low, high]).thresholds(d3.range(low, high, size))(days);
    return plot(box, {
      width: Math.min(width, 900), height: 230, marginLeft: 34, marginBottom: 38, marginTop: 22,
      x: { domain: [low, high], label: "days around the due time →", ticks: Math.min(high - low, width / 45), tickFormat: (n) => (n > 0 ? `+${n}` : String(n).replace("-", "−")) },
      y: { label: "students", grid: true, nice: true, ticks: 5, tickFormat: (n) => (Number.isInteger(n) ? n : "") },
      marks: [
        Plot.rectY(bins, {
          x1: "x0", x2: "x1", y: "length", fill: (bin) => (bin.x0 >= 0 ? orange : blue), inset: 0.5, rx: 2,
          title: (bin) => many(bin.length, "student"), tip,
        }),
        Plot.ruleY([0], { stroke: faint }),
        Plot.ruleX([0], { stroke: ink, strokeDasharray: "4 3" }),
        Plot.text([0], { x: 0, frameAnchor: "top", dy: -14, text: () => "due", fill: ink }),
      ],
    });
  });

  chart("versions", (width, box) => {
    const rows = data.versions.map(([versions, count]) => ({ versions, count }));
    return plot(box, {
      width: Math.min(width, 60 + 56 * Math.max(4, rows.length)), height: 190, marginLeft: 34, marginBottom: 36,
      x: { label: "versions →", type: "band", domain: rows.map((row) => row.versions) },
      y: { label: "students", grid: true, nice: true, ticks: 4, tickFormat: (n) => (Number.isInteger(n) ? n : "") },
      marks: [
        Plot.barY(rows, { x: "versions", y: "count", fill: blue, inset: 2, rx: 2, title: (row) => `${many(row.versions, "version")}: ${many(row.count, "student")}`, tip }),
        Plot.ruleY([0], { stroke: faint }),
      ],
    });
  });

  // ---- progress

  chart("progress", (width, box) => {
    const both = students.filter((one) => one.share !== null && one.earlier !== null);
    if (!both.length) return null;
    const size = Math.min(width, 560), few = both.length <= 200;
    return plot(box, {
      width: size, height: size * 0.86, marginLeft: 52, marginBottom: 40,
      x: { domain: [0, 1], label: `${cut(data.earlier, 30)} →`, tickFormat: percent, grid: true, ticks: 5 },
      y: { domain: [0, 1], label: "↑ this assignment", tickFormat: percent, grid: true, ticks: 5 },
      marks: [
        Plot.line([[0, 0], [1, 1]], { stroke: faint, strokeDasharray: "4 3" }),
        Plot.dot(both, {
          x: "earlier", y: "share", r: few ? 4.5 : 3, fillOpacity: few ? 0.85 : 0.5,
          fill: (one) => (one.earlier - one.share >= 0.25 ? orange : blue),
          title: (one) => `${cut(one.name, 60)}\n${percent(one.earlier)} then, ${percent(one.share)} now`, tip,
        }),
      ],
    });
  });

  // ---- tables: a click on a heading sorts; empty cells stay last

  const number = (cell) => {
    const value = parseFloat(cell.replace("−", "-"));
    return Number.isNaN(value) ? null : value;
  };

  function sortBy(table, heading, at) {
    const down = heading.getAttribute("aria-sort") === "ascending" ||
      (!heading.hasAttribute("aria-sort") && heading.classList.contains("n"));
    for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const read = heading.classList.contains("n") ? number : (cell) => cell || null;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [read(row.cells[at].textContent.trim()), row]);
    const order = new Intl.Collator(undefined, { numeric: true });
    rows.sort(([one], [other]) => {
      if (one === null || other === null) return (one === null) - (other === null);
      const step = typeof one === "number" ? one - other : order.compare(one, other);
      return down ? -step : step;
    });
    body.append(...rows.map(([, row]) => row));
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((heading, at) => {
      if (!heading.textContent) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sortBy(table, heading, at));
      heading.replaceChildren(button);
    });
  }

  // ---- filters

  const rows = [...document.getElementById("student-table").tBodies[0].rows].map((row, at) => ({
    row, words: row.cells[0].textContent.toLocaleLowerCase(), section: students[at].section,
    state: row.cells[row.cells.length - 1].textContent,
  }));
  const search = document.getElementById("student-search");
  const state = document.getElementById("student-state");
  const group = document.getElementById("student-section");
  const count = document.getElementById("student-count");

  function filter() {
    const words = search.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const one of rows) {
      const fits = one.words.includes(words) && (state.value === "*" || one.state === state.value) &&
        (!group || group.value === "*" || one.section === group.value);
      one.row.hidden = !fits;
      shown += fits;
    }
    count.textContent = shown === rows.length ? many(shown, "student") : `${shown} of ${many(rows.length, "student")}`;
  }

  for (const one of [search, state, group]) one?.addEventListener("input", filter);
  filter();

  const list = document.getElementById("mistake-list");
  if (list) {
    const find = document.getElementById("mistake-search"), all = document.getElementById("all-mistakes");
    const items = [...list.children].map((item) => [item, item.textContent.toLocaleLowerCase()]);
    if (list.querySelector(".more")) {
      list.classList.add("folded");
      all.hidden = false;
    }
    all.addEventListener("click", () => { list.classList.remove("folded"); all.hidden = true; });
    find.addEventListener("input", () => {
      const words = find.value.trim().toLocaleLowerCase();
      if (words) { list.classList.remove("folded"); all.hidden = true; }
      for (const [item, own] of items) item.hidden = !own.includes(words);
    });
  }

  document.documentElement.dataset.drawn = "true";
})();
