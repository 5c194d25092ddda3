// The delays of test packets against time.
const timeline = (() => {
  const palette = {
    light: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#2b8cc4", "#b97a00", "#000000"],
    dark: ["#56b4e9", "#ee8032", "#35c79b", "#dc9cc2", "#8fd0f5", "#f0c04a", "#ffffff"],
  };
  const shapes = ["circle", "square", "triangle", "cross"];
  const NAMED = 40; // handovers in sight that have their names in the picture
  let plot = null, data = null, shown = D.flows.map(() => true);

  const dark = () => getComputedStyle(document.documentElement).colorScheme.includes("dark");
  const flowColour = (i) => palette[dark() ? "dark" : "light"][i % palette.light.length];

  function total(differences, unit) {
    let at = 0;
    return differences.map((d) => (at += d) * unit);
  }
  const sent = D.flows.map((f) => total(f.t, 1e-6));
  const lost = D.flows.map((f) => total(f.lost, 1e-6));

  function build() {
    if (!data) {
      const tables = D.flows.map((f, i) => [sent[i], f.d.map((d) => d / 1000)]);
      data = tables.length ? uPlot.join(tables) : [[0, D.duration / SECOND]];
    }
    const ink = colour("ink"), grid = { stroke: colour("line"), width: 1 };
    const font = "12px system-ui, sans-serif";
    const axis = { stroke: ink, grid, ticks: grid, font, labelFont: font };
    if (plot) plot.destroy();
    plot = new uPlot({
      width: width(), height: 300, legend: { show: false }, cursor: { y: false, drag: { x: true, y: false, setScale: true } },
      scales: { x: { time: false }, y: { range: (u, low, high) => [0, (high || 1) * 1.08] } },
      axes: [{ ...axis, label: "virtual time (s)", labelSize: 22, size: 42 }, { ...axis, label: "delay (ms)", labelSize: 20, size: 54 }],
      series: [{}].concat(D.flows.map((f, i) => ({
        label: f.name, show: shown[i], stroke: flowColour(i), paths: () => null,
        points: { show: true, size: 4, width: 1, fill: flowColour(i), stroke: flowColour(i), paths: mark(i) },
      }))),
      hooks: { drawClear: [bands], draw: [marks], setScale: [scaled], setCursor: [read] },
    }, data, byId("timeline"));
    ranged();
  }

  // mark draws the points of a flow in a shape of its own, so that colour is not all that tells.
  function mark(flow) {
    return (u, series, first, last) => {
      const fillPath = new Path2D(), size = 2 * devicePixelRatio, x = u.data[0], y = u.data[series];
      for (let i = first; i <= last; i++) {
        if (y[i] == null) continue;
        const px = u.valToPos(x[i], "x", true), py = u.valToPos(y[i], "y", true);
        switch (shapes[Math.floor(flow / 2) % shapes.length]) {
          case "circle": fillPath.moveTo(px + size, py); fillPath.arc(px, py, size, 0, 7); break;
          case "square": fillPath.rect(px - size, py - size, 2 * size, 2 * size); break;
          case "triangle": fillPath.moveTo(px, py - size); fillPath.lineTo(px + size, py + size); fillPath.lineTo(px - size, py + size); fillPath.closePath(); break;
          default: fillPath.rect(px - size, py - size / 3, 2 * size, size / 1.5); fillPath.rect(px - size / 3, py - size, size / 1.5, 2 * size);
        }
      }
      return { fill: fillPath, stroke: null, clip: null, flags: 3 };
    };
  }

  // bands shows when handovers are under way, below everything else.
  function bands(u) {
    const c = u.ctx, { left, top, width: w, height: h } = u.bbox;
    c.save();
    c.beginPath();
    c.rect(left, top, w, h);
    c.clip();
    c.font = 12 * devicePixelRatio + "px system-ui, sans-serif";
    c.textAlign = "left"; // the axes leave it otherwise
    c.textBaseline = "alphabetic";
    let free = left, line = 0;
    const all = (D.handovers || []).filter((s) => s.end / SECOND >= u.scales.x.min && s.t / SECOND <= u.scales.x.max);
    const named = all.length <= NAMED;
    for (const s of all) {
      const a = u.valToPos(s.t / SECOND, "x", true), b = Math.max(u.valToPos(s.end / SECOND, "x", true), a + 2 * devicePixelRatio);
      c.fillStyle = colour("band");
      c.fillRect(a, top, b - a, h);
      if (!named) continue;
      c.fillStyle = colour("dim");
      const wide = c.measureText(s.label).width;
      line = a < free ? (line + 1) % 4 : 0;
      free = Math.max(free, a + wide + 8 * devicePixelRatio);
      const at = Math.min(a + 3 * devicePixelRatio, left + w - wide - 3);
      if (b > left && a < left + w) c.fillText(s.label, Math.max(at, left + 3), top + (14 + 14 * line) * devicePixelRatio);
    }
    c.restore();
  }

  // marks shows lost packets along the axis, the instant of the playback and the chosen message.
  function marks(u) {
    const c = u.ctx, { left, top, width: w, height: h } = u.bbox, dpr = devicePixelRatio;
    c.save();
    c.beginPath();
    c.rect(left, top, w, h + 8 * dpr);
    c.clip();
    lost.forEach((times, i) => {
      if (!shown[i]) return;
      c.fillStyle = flowColour(i);
      for (const t of times) c.fillRect(u.valToPos(t, "x", true), top + h - (3 + 4 * (i % 7)) * dpr, dpr, 3 * dpr);
    });
    const rule = (ns, name, dash) => {
      const x = u.valToPos(ns / SECOND, "x", true);
      c.strokeStyle = colour(name);
      c.lineWidth = 1.5 * dpr;
      c.setLineDash(dash.map((v) => v * dpr));
      c.beginPath();
      c.moveTo(x, top);
      c.lineTo(x, top + h);
      c.stroke();
    };
    rule(state.now, "accent", []);
    if (state.row >= 0) rule(D.rows[state.row].t, "mobility", [4, 3]);
    c.restore();
  }

  function read(u) {
    const i = u.cursor.idx;
    if (i == null || u.cursor.left < 0) return;
    const parts = D.flows.map((f, k) => (shown[k] && data[k + 1][i] != null ? f.name + " " + data[k + 1][i].toFixed(3) + " ms" : "")).filter(Boolean);
    byId("reading").textContent = "Sent at " + data[0][i].toFixed(6) + " s: " + (parts.join(", ") || "no packet");
  }

  let quiet = false;
  function scaled(u, scale) {
    if (scale !== "x" || quiet) return;
    const { min, max } = u.scales.x;
    if (min == null) return;
    setRange(Math.round(min * SECOND), Math.round(max * SECOND));
  }

  function ranged() {
    byId("range").textContent = seconds(state.from) + " s to " + seconds(state.to) + " s";
    if (!plot) return;
    quiet = true;
    plot.setScale("x", { min: state.from / SECOND, max: state.to / SECOND });
    quiet = false;
  }

  // instant is the time below a place on the screen.
  function instant(clientX) {
    const box = plot.over.getBoundingClientRect();
    return state.from + clamp((clientX - box.left) / box.width, 0, 1) * (state.to - state.from);
  }

  // touch lets one finger move the range and two zoom it: what is below a finger stays there.
  function touch(element) {
    const fingers = new Map(); // instant below each
    const hold = () => fingers.forEach((f) => (f.t = instant(f.x)));
    element.addEventListener("pointerdown", (e) => {
      if (e.pointerType !== "touch") return;
      fingers.set(e.pointerId, { x: e.clientX, t: 0 });
      hold();
    });
    element.addEventListener("pointermove", (e) => {
      const f = fingers.get(e.pointerId);
      if (!f) return;
      f.x = e.clientX;
      const box = plot.over.getBoundingClientRect(), [a, b] = [...fingers.values()];
      let perPixel = (state.to - state.from) / box.width;
      if (b && Math.abs(b.x - a.x) > 10 && b.t !== a.t) perPixel = Math.abs((b.t - a.t) / (b.x - a.x));
      const width = Math.min(perPixel * box.width, D.duration), from = a.t - (a.x - box.left) * perPixel;
      setRange(from, from + width);
      if (whole() || state.from <= 0 || state.to >= D.duration) hold(); // the end of the run stops fingers
    });
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
      element.addEventListener(end, (e) => {
        if (fingers.delete(e.pointerId)) hold();
      });
    }
  }

  // click opens the message of an instant, unless it was a drag or becomes a double click, which shows
  // all. A tap counts as soon as the finger is lifted: the browser makes no click of one that follows a drag.
  function click(element) {
    let down = { x: 0, y: 0, id: 0 }, waiting = 0;
    const open = (e) => {
      clearTimeout(waiting);
      const t = instant(e.clientX);
      waiting = setTimeout(() => ladder.near(t, element), 250);
    };
    const still = (e) => Math.hypot(e.clientX - down.x, e.clientY - down.y) < 5;
    element.addEventListener("pointerdown", (e) => (down = { x: e.clientX, y: e.clientY, id: e.pointerId, alone: e.isPrimary }), true);
    element.addEventListener("pointerup", (e) => e.pointerType === "touch" && e.pointerId === down.id && down.alone && still(e) && open(e));
    element.addEventListener("click", (e) => e.pointerType !== "touch" && e.detail < 2 && still(e) && open(e));
    element.addEventListener("dblclick", () => {
      clearTimeout(waiting);
      setRange(0, D.duration);
    });
  }

  const width = () => Math.max(200, byId("timeline").clientWidth);

  function start() {
    const list = byId("span");
    list.append(make("option", { value: "all" }, "the whole run"));
    (D.handovers || []).forEach((h, i) => list.append(make("option", { value: i }, "handover: " + h.label)));
    list.addEventListener("change", () => {
      const h = D.handovers && D.handovers[list.value];
      if (!h) return setRange(0, D.duration);
      const room = Math.max((h.end - h.t) * 0.15, 5e7);
      setRange(h.t - room, h.end + room);
      setNow(h.t);
    });
    listeners.range.push(() => {
      if (whole()) list.value = "all";
      ranged();
    });
    D.flows.forEach((f, i) => {
      const box = make("input", { type: "checkbox" });
      box.checked = true;
      box.addEventListener("change", () => {
        shown[i] = box.checked;
        plot.setSeries(i + 1, { show: box.checked });
      });
      const swatch = draw("svg", { width: 12, height: 12, class: "swatch", "aria-hidden": "true" }, draw("rect", { width: 12, height: 12, rx: 3, fill: flowColour(i) }));
      listeners.theme.push(() => swatch.firstChild.setAttribute("fill", flowColour(i)));
      const about = f.every > 1 ? f.about + "; of every " + f.every + " packets the least and the greatest delay" : f.about;
      byId("flows").append(make("label", { title: about }, box, swatch, f.name));
    });
    byId("zoom-in").addEventListener("click", () => zoom(0.5));
    byId("zoom-out").addEventListener("click", () => zoom(2));
    byId("pan-left").addEventListener("click", () => pan(-0.25));
    byId("pan-right").addEventListener("click", () => pan(0.25));
    byId("zoom-all").addEventListener("click", () => setRange(0, D.duration));
    byId("timeline").addEventListener("keydown", (e) => {
      const keys = { ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: () => setRange(0, D.duration), Home: () => setRange(0, D.duration) };
      if (e.key === "Enter") ladder.near(state.now, byId("timeline"));
      if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
      keys[e.key]();
      e.preventDefault();
    });
    touch(byId("timeline"));
    click(byId("timeline"));
    new ResizeObserver(() => requestAnimationFrame(() => plot.width !== width() && plot.setSize({ width: width(), height: 300 }))).observe(byId("timeline"));
    const redraw = () => plot && plot.redraw(false);
    listeners.now.push(redraw);
    listeners.row.push(redraw);
    listeners.theme.push(build);
    build();
  }
  return { start };
})();
