// The message sequence chart: a line for each node, and on it every message. Only the rows in
// sight are in the document.
const ladder = (() => {
  const HEIGHT = 30, TIME = 92;
  let visible = []; // { i: number of the row, times: how often it is repeated }
  let who = -1; // the mobile node that is looked at, -1 for all
  let active = -1, drawn = new Map(), pitch = 110, order = [], place = [];

  const box = () => byId("ladder"), body = () => byId("ladder-body");

  // columns puts the nodes in the order of how far they are from the mobile nodes.
  function columns() {
    const used = new Set();
    for (const r of D.rows) [r.a, ...(r.b || [])].forEach((n) => n >= 0 && used.add(n));
    const near = D.nodes.map((n) => (n.mobile ? 0 : Infinity));
    const edges = D.links.map((l) => l.nodes).concat(D.map.lines.filter((l) => !D.links[l.l].network).map((l) => D.nodes.map((_, i) => i).filter((i) => same(l.a, i) || same(l.b, i))));
    D.links.forEach((l) => l.network && D.moves.some((m) => m.l >= 0 && D.links[m.l] === l) && l.nodes.forEach((n) => (near[n] = Math.min(near[n], 1))));
    for (let changed = true; changed;) {
      changed = false;
      for (const e of edges) {
        const least = Math.min(...e.map((n) => near[n]));
        for (const n of e) if (near[n] > least + 1) { near[n] = least + 1; changed = true; }
      }
    }
    order = D.nodes.map((_, i) => i).filter((i) => used.has(i) && !foreign(i)).sort((a, b) => near[a] - near[b] || a - b);
    place = D.nodes.map((_, i) => order.indexOf(i));
  }
  // foreign is a mobile node that is not looked at.
  const foreign = (n) => who >= 0 && n !== who && n >= 0 && D.nodes[n].mobile;
  // concerns is whether a row has an end that is looked at.
  const concerns = (r) => !foreign(r.a) && (!r.b.length || r.b.some((n) => !foreign(n)));

  const same = (at, node) => D.map.nodes[node][0] === at[0] && D.map.nodes[node][1] === at[1];

  const width = () => pitch * Math.max(order.length, 1);
  const x = (node) => pitch * (place[node] + 0.5);

  function head() {
    const room = box().clientWidth - TIME - 4;
    pitch = clamp(Math.floor(room / Math.max(order.length, 1)), 78, 190);
    names();
  }

  // names writes the names of the nodes above their lines.
  function names() {
    const svg = draw("svg", { width: width(), height: 34 });
    const letters = Math.floor(pitch / 7.5);
    for (const n of order) {
      const name = D.nodes[n].name, short = name.length > letters ? name.slice(0, letters - 1) + "…" : name;
      svg.append(draw("text", { x: x(n), y: 21 }, short, draw("title", {}, name + ", " + D.nodes[n].role)));
    }
    svg.style.left = TIME + "px";
    byId("ladder-head").replaceChildren(svg);
    byId("ladder-head").style.width = body().style.width = TIME + width() + "px";
  }

  function filter() {
    const groups = new Set([...document.querySelectorAll(".group:checked")].map((b) => b.value));
    const wanted = byId("find").value.trim().toLowerCase(), fold = byId("fold").checked;
    const kept = state.row >= 0 ? state.row : -1;
    let seen = new Map(), total = 0;
    visible = [];
    for (let i = first(state.from); i < D.rows.length && D.rows[i].t <= state.to; i++) {
      const r = D.rows[i], group = rowGroup(r);
      if (!groups.has(group) || !concerns(r) || wanted && !haystack(r).includes(wanted)) continue;
      total++;
      if (!fold || group !== "discovery" && group !== "resolution") {
        seen.clear();
        visible.push({ i, times: 1 });
        continue;
      }
      const key = r.c + " " + r.l, before = seen.get(key);
      if (before) before.times++;
      else {
        const v = { i, times: 1 };
        seen.set(key, v);
        visible.push(v);
      }
    }
    active = visible.findIndex((v) => v.i === kept);
    const folded = total - visible.length;
    byId("count").textContent = total + " of " + D.rows.length + " messages and facts" + (folded ? ", " + folded + " of them repeated and folded into the first" : "") +
      ", " + seconds(state.from) + " s to " + seconds(state.to) + " s";
    body().style.height = visible.length * HEIGHT + 12 + "px";
    clear();
    if (active >= 0) reveal();
    show();
  }

  function first(t) {
    let low = 0, high = D.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (D.rows[middle].t < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function haystack(r) {
    const c = r.c < 0 ? null : D.contents[r.c];
    return [rowName(r), nodeName(r.a), ...(r.b || []).map(nodeName), c ? D.links[r.l].name : "", c && c.s || "", c && c.d || "", text(r.p)].join(" ").toLowerCase();
  }

  function clear() {
    for (const e of drawn.values()) e.remove();
    drawn.clear();
  }

  function show() {
    const top = Math.max(0, Math.floor((box().scrollTop - 34) / HEIGHT) - 6), end = Math.min(visible.length, top + Math.ceil(box().clientHeight / HEIGHT) + 14);
    for (const [k, e] of drawn) {
      if (k < top || k >= end) {
        e.remove();
        drawn.delete(k);
      }
    }
    for (let k = top; k < end; k++) {
      if (!drawn.has(k)) {
        const e = rowElement(k);
        drawn.set(k, e);
        body().append(e);
      }
    }
    mark();
  }

  function mark() {
    for (const [k, e] of drawn) {
      e.classList.toggle("active", k === active);
      e.setAttribute("aria-selected", k === active);
    }
    if (active >= 0 && drawn.has(active)) body().setAttribute("aria-activedescendant", "row" + active);
    else body().removeAttribute("aria-activedescendant");
  }

  function rowElement(k) {
    const v = visible[k], r = D.rows[v.i];
    const e = make("div", { class: "row", role: "option", id: "row" + k, "data-row": v.i, "aria-label": describe(r) + (v.times > 1 ? ", " + v.times + " times" : ""), "aria-posinset": k + 1, "aria-setsize": visible.length });
    const time = make("span", { class: "time" }, seconds(r.t, 6));
    time.style.width = TIME + "px";
    e.style.top = k * HEIGHT + "px";
    e.style.width = TIME + width() + "px";
    e.append(time, picture(r, v.times));
    e.addEventListener("click", () => choose(k, true));
    return e;
  }

  function picture(r, times) {
    const svg = draw("svg", { width: width(), height: HEIGHT, "aria-hidden": "true" });
    for (const n of order) svg.append(draw("path", { class: "life", d: "M" + x(n) + " 0V" + HEIGHT }));
    if (r.c < 0) {
      if (r.a < 0 || place[r.a] < 0) return svg;
      const at = x(r.a), left = at > width() / 2 && width() - at < r.n.length * 6.5;
      svg.append(draw("path", { class: "fact", d: "M" + at + " 10l5 5l-5 5l-5 -5z" }));
      svg.append(draw("text", { x: left ? at - 10 : at + 10, y: 19, "text-anchor": left ? "end" : "start" }, r.n, draw("title", {}, r.n)));
      return svg;
    }
    const group = "g-" + rowGroup(r), ends = r.b.filter((n) => place[n] >= 0).map(x), from = r.a < 0 ? (ends.length ? ends[0] - 40 : 20) : x(r.a), y = 22;
    const far = ends.length ? ends : [from + pitch * 0.35];
    const low = Math.min(from, ...far), high = Math.max(from, ...far);
    svg.append(draw("path", { class: "arrow " + group, d: "M" + low + " " + y + "H" + high }));
    svg.append(draw("circle", { class: "tip " + group, cx: from, cy: y, r: 3 }));
    for (const to of ends) {
      const s = to > from ? -1 : 1;
      svg.append(draw("path", { class: "tip " + group, d: "M" + to + " " + y + "l" + 9 * s + " -4.5v9z" }));
    }
    if (!ends.length) svg.append(draw("path", { class: "arrow " + group, d: "M" + (far[0] - 4) + " " + (y - 4) + "l8 8m0 -8l-8 8" }));
    const label = rowName(r) + (times > 1 ? " × " + times : ""), half = label.length * 3.4 + 4;
    const c = D.contents[r.c], about = label + (c.s ? ": " + c.s + " > " + c.d : "");
    svg.append(draw("text", { x: clamp((low + high) / 2, half, Math.max(half, width() - half)), y: 14, "text-anchor": "middle" }, label, draw("title", {}, about)));
    return svg;
  }

  function choose(k, opening, from) {
    if (k < 0 || k >= visible.length) return;
    active = k;
    reveal();
    show();
    if (opening || packet.isOpen()) packet.open(visible[k].i, from || body());
    else {
      setRow(visible[k].i);
      setNow(D.rows[visible[k].i].t);
    }
  }

  function reveal() {
    const top = active * HEIGHT, b = box();
    if (top < b.scrollTop) b.scrollTop = top;
    else if (top + HEIGHT + 34 > b.scrollTop + b.clientHeight) b.scrollTop = top + HEIGHT + 46 - b.clientHeight;
  }

  // follow shows where the playback is.
  function follow() {
    let low = 0, high = visible.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (D.rows[visible[middle].i].t <= state.now) low = middle + 1;
      else high = middle;
    }
    if (low - 1 === active || low === 0) return;
    active = low - 1;
    reveal();
    show();
  }

  // near opens the message next to an instant.
  function near(t, from) {
    let best = -1;
    visible.forEach((v, k) => {
      const distance = Math.abs(D.rows[v.i].t - t);
      if (D.rows[v.i].c >= 0 && (best < 0 || distance < Math.abs(D.rows[visible[best].i].t - t))) best = k;
    });
    if (best >= 0) choose(best, true, from);
  }

  // print lays out the rows in sight without a place to scroll, as many as some pages have.
  const PRINTED = 150;
  function print(on) {
    box().classList.toggle("printed", on);
    clear();
    if (!on) {
      head();
      return filter();
    }
    pitch = clamp(Math.floor((690 - TIME) / Math.max(order.length, 1)), 30, 190);
    names();
    const first = Math.max(0, Math.min(active, visible.length - PRINTED)), end = Math.min(visible.length, first + PRINTED);
    body().style.height = "auto";
    for (let k = first; k < end; k++) {
      const e = rowElement(k);
      drawn.set(k, e);
      body().append(e);
    }
    if (visible.length > PRINTED) byId("count").textContent += "; " + PRINTED + " of " + visible.length + " rows are printed";
  }

  // pick offers the mobile nodes, and begins with the first where there are many.
  function pick() {
    const mobile = D.nodes.map((_, i) => i).filter((i) => D.nodes[i].mobile);
    if (mobile.length < 2) return;
    const list = byId("who");
    list.append(make("option", { value: -1 }, "all mobile nodes"), ...mobile.map((i) => make("option", { value: i }, nodeName(i))));
    if (mobile.length > 6) list.value = who = mobile[0];
    byId("who-label").hidden = false;
    list.addEventListener("change", () => {
      who = Number(list.value);
      columns();
      head();
      filter();
    });
  }

  function start() {
    pick();
    columns();
    head();
    document.querySelectorAll(".group, #fold").forEach((b) => b.addEventListener("change", filter));
    byId("find").addEventListener("input", filter);
    box().addEventListener("scroll", show, { passive: true });
    let wide = 0;
    new ResizeObserver(() => requestAnimationFrame(() => {
      if (box().clientWidth !== wide) {
        wide = box().clientWidth;
        head();
        clear();
      }
      show();
    })).observe(box());
    listeners.range.push(filter);
    body().addEventListener("keydown", (e) => {
      const page = Math.max(1, Math.floor(box().clientHeight / HEIGHT) - 2);
      const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: visible.length - 1 }[e.key];
      if (to !== undefined) choose(clamp(to, 0, visible.length - 1), false);
      else if (e.key === "Enter" || e.key === " ") choose(Math.max(active, 0), true);
      else return;
      e.preventDefault();
    });
    filter();
  }
  return { start, follow, near, print, step: (by) => choose(clamp(active + by, 0, visible.length - 1), true) };
})();
