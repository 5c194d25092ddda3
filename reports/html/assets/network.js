// The map of the network, and the playback.
const network = (() => {
  let playing = false, last = 0, wires = new Map(), mobiles = [], texts, dots = [];
  const CALM = 500; // milliseconds between two pictures for those who want less movement
  const CROWD = 12; // more mobile nodes are small and have no names
  const SHOWN = 0.35; // seconds of real time that a message stays on the map

  function build() {
    const map = byId("map"), m = D.map;
    map.setAttribute("viewBox", "0 0 " + m.w + " " + m.h);
    map.style.maxWidth = m.w * 1.25 + "px";
    m.lines.forEach((l) => {
      const e = draw("path", { class: "wire", d: wirePath(l) }, draw("title", {}, "link " + D.links[l.l].name));
      if (!wires.has(l.l)) wires.set(l.l, []);
      wires.get(l.l).push(e);
      map.append(e);
    });
    D.links.forEach((l, i) => {
      if (!l.network) return;
      const [x, y] = m.links[i];
      map.append(draw("rect", { class: "network", x: x - 58, y: y - 19, width: 116, height: 38, rx: 19 }, draw("title", {}, "network " + l.network)));
      map.append(draw("text", { x, y: y - 1 }, short(l.network, 15)), draw("text", { x, y: y + 13, class: "small" }, l.kind));
    });
    D.nodes.forEach((n, i) => {
      if (n.mobile) return;
      const [x, y] = m.nodes[i], title = draw("title", {}, n.name + ", " + n.role);
      if (n.role === "correspondent node") map.append(draw("rect", { class: "host", x: x - 15, y: y - 11, width: 30, height: 22, rx: 3 }, title));
      else map.append(draw("circle", { class: n.role === "home agent" ? "agent" : "router", cx: x, cy: y, r: 13 }, title));
      map.append(draw("text", { x: x + 19, y: y + 5, class: "name" }, short(n.name, 14)));
    });
    const crowd = D.nodes.filter((n) => n.mobile).length > CROWD;
    D.nodes.forEach((n, i) => {
      if (!n.mobile) return;
      const radio = draw("path", { class: "radio" }), dot = draw("circle", { class: "mobile", r: crowd ? 4.5 : 11 }, draw("title", {}, n.name + ", mobile node")), name = draw("text", {}, crowd ? "" : short(n.name, 12));
      map.append(radio, dot, name);
      mobiles.push({ node: i, radio, dot, name, moves: D.moves.filter((v) => v.n === i) });
    });
    texts = draw("g");
    map.append(texts);
  }

  const short = (s, n) => (s.length > n ? s.slice(0, n - 1) + "…" : s);

  function wirePath(l) {
    const [ax, ay] = l.a, [bx, by] = l.b;
    return l.bend ? "M" + ax + " " + ay + "Q" + (ax + bx) / 2 + " " + (ay + l.bend * 2) + " " + bx + " " + by : "M" + ax + " " + ay + "L" + bx + " " + by;
  }

  // where says on which link a mobile node is, and on the way to which.
  function where(m) {
    let k = -1;
    while (k + 1 < m.moves.length && m.moves[k + 1].t <= state.now) k++;
    if (k < 0) return { link: -1, to: -1, from: -1, share: 0 };
    const v = m.moves[k];
    if (v.l >= 0) return { link: v.l, to: v.l, from: v.l, share: 1 };
    const from = k > 0 ? m.moves[k - 1].l : -1, next = m.moves[k + 1];
    return { link: -1, to: v.to, from, share: next ? (state.now - v.t) / (next.t - v.t) : 0.5 };
  }

  function spot(link, m) {
    if (link < 0) return D.map.nodes[m.node];
    const [x, y] = D.map.links[link], hosts = D.links[link].nodes.filter((n) => D.map.nodes[n][1] > y).length;
    const k = mobiles.indexOf(m), n = mobiles.length;
    if (n > CROWD) return [x + (k % 12 - 5.5) * 11, y + 62 * Math.ceil(hosts / 2) + 40 + 11 * Math.floor(k / 12)];
    return [x + (n > 1 ? (k % 4 - Math.min(n - 1, 3) / 2) * 38 : 0), y + 62 * Math.ceil(hosts / 2) + 56 + 16 * Math.floor(k / 4)];
  }

  function show() {
    const said = [], at = new Map(); // at: how many mobile nodes are in a place
    for (const m of mobiles) {
      const w = where(m), a = spot(w.from, m), b = spot(w.to, m), x = a[0] + (b[0] - a[0]) * w.share, y = a[1] + (b[1] - a[1]) * w.share;
      m.dot.setAttribute("cx", x);
      m.dot.setAttribute("cy", y);
      m.dot.classList.toggle("away", w.link < 0);
      m.name.setAttribute("x", x);
      m.name.setAttribute("y", y + 27);
      const hub = w.link < 0 ? null : D.map.links[w.link];
      m.radio.setAttribute("d", hub && mobiles.length <= CROWD ? "M" + hub[0] + " " + (hub[1] + 19) + "L" + x + " " + (y - 11) : "");
      const name = D.nodes[m.node].name, h = (D.handovers || []).find((v) => v.n === m.node && v.t <= state.now && state.now < v.end);
      const phase = h && h.phases.find((p) => state.now < p.end);
      const place = w.link < 0 ? (w.to >= 0 ? "on the way to " + D.links[w.to].network : "nowhere") : "on " + D.links[w.link].network;
      at.set(place, (at.get(place) || 0) + 1);
      said.push(name + " " + place + (phase ? " (" + phase.name + ")" : ""));
    }
    const speed = Number(byId("speed").value), since = state.now - SHOWN * speed * SECOND;
    const busy = new Map();
    for (let i = after(state.now) - 1; i >= 0 && D.rows[i].t > since && busy.size < 12; i--) {
      const r = D.rows[i];
      if (r.c >= 0 && !busy.has(r.l)) busy.set(r.l, rowName(r));
    }
    for (const [l, list] of wires) list.forEach((e) => e.classList.toggle("busy", busy.has(l)));
    texts.replaceChildren(...[...busy].map(([l, name]) => {
      const [x, y] = D.map.links[l];
      return draw("text", { x: x + (D.links[l].network ? 62 : 8), y: y - (D.links[l].network ? 22 : 6), class: "message" }, name);
    }));
    byId("clock").textContent = seconds(state.now) + " s";
    byId("seek").value = Math.round(state.now / 1e6);
    byId("seek").setAttribute("aria-valuetext", seconds(state.now) + " seconds");
    byId("state").textContent = mobiles.length > CROWD ? [...at].map(([place, n]) => n + " " + place).join("; ") : said.join("; ");
    dots.forEach((f) => f());
  }

  function after(t) {
    let low = 0, high = D.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (D.rows[middle].t <= t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function tick(real) {
    if (!playing) return;
    if (still() && last && real - last < CALM) return requestAnimationFrame(tick);
    if (last) setNow(state.now + (real - last) / 1000 * SECOND * Number(byId("speed").value));
    last = real;
    ladder.follow();
    if (state.now >= D.duration) return play(false);
    requestAnimationFrame(tick);
  }

  function play(on) {
    playing = on;
    last = 0;
    if (on && state.now >= D.duration) setNow(0);
    byId("play").textContent = on ? "❚❚ Pause" : "▶ Play";
    byId("play").setAttribute("aria-pressed", on);
    if (on) requestAnimationFrame(tick);
  }

  // step goes to the nearest message of mobility, or fact, before or after now.
  function step(by) {
    const good = (r) => ["mobility", "fact"].includes(rowGroup(r));
    let i = by > 0 ? after(state.now) : after(state.now) - 1;
    while (i >= 0 && i < D.rows.length && !(good(D.rows[i]) && (by > 0 || D.rows[i].t < state.now))) i += by;
    if (i >= 0 && i < D.rows.length) setNow(D.rows[i].t);
    else setNow(by > 0 ? D.duration : 0);
    ladder.follow();
  }

  function plane() {
    const svg = byId("plane");
    if (!svg) return;
    const all = D.plane.tracks.flatMap((t) => t.at.map((p) => [p.x, p.y]));
    const cells = D.plane.cells;
    for (const c of cells) (c.corners || [[c.x - c.radius, c.y - c.radius], [c.x + c.radius, c.y + c.radius]]).forEach((p) => all.push(p));
    const xs = all.map((p) => p[0]), ys = all.map((p) => p[1]);
    const size = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), 1), edge = size * 0.06;
    const box = [Math.min(...xs) - edge, -Math.max(...ys) - edge, Math.max(...xs) - Math.min(...xs) + 2 * edge, Math.max(...ys) - Math.min(...ys) + 2 * edge];
    svg.setAttribute("viewBox", box.join(" "));
    const unit = Math.max(box[2], box[3]) / 100;
    for (const c of cells) {
      const shape = c.corners ? draw("polygon", { class: "cell", points: c.corners.map((p) => p[0] + "," + -p[1]).join(" ") }) : draw("circle", { class: "cell", cx: c.x, cy: -c.y, r: c.radius });
      const middle = c.corners ? [0, 1].map((k) => c.corners.reduce((s, p) => s + p[k], 0) / c.corners.length) : [c.x, c.y];
      svg.append(shape, draw("text", { x: middle[0], y: -middle[1], "font-size": unit * 1.5 }, c.network));
    }
    for (const t of D.plane.tracks) {
      svg.append(draw("polyline", { class: "way", points: t.at.map((p) => p.x + "," + -p.y).join(" ") }));
      const dot = draw("circle", { class: "mobile", r: unit * 0.8 }), name = draw("text", { "font-size": unit * 1.5 }, nodeName(t.n));
      svg.append(dot, name);
      dots.push(() => {
        let k = t.at.length - 1;
        while (k > 0 && t.at[k].t > state.now) k--;
        const a = t.at[k], b = t.at[k + 1], share = b && b.t > a.t ? clamp((state.now - a.t) / (b.t - a.t), 0, 1) : 0;
        const x = b ? a.x + (b.x - a.x) * share : a.x, y = b ? a.y + (b.y - a.y) * share : a.y;
        dot.setAttribute("cx", x);
        dot.setAttribute("cy", -y);
        dot.setAttribute("visibility", a.gone ? "hidden" : "visible");
        name.setAttribute("x", x);
        name.setAttribute("y", -y - unit * 1.4);
      });
    }
  }

  function start() {
    build();
    plane();
    byId("seek").max = Math.round(D.duration / 1e6);
    byId("seek").addEventListener("input", () => {
      setNow(Number(byId("seek").value) * 1e6);
      ladder.follow();
    });
    byId("play").addEventListener("click", () => play(!playing));
    byId("step-back").addEventListener("click", () => step(-1));
    byId("step-on").addEventListener("click", () => step(1));
    listeners.now.push(show);
    show();
  }
  return { start };
})();
