// What all parts share: the data, ways to make elements, and the state that links the parts.
const D = JSON.parse(document.getElementById("data").textContent);
const SECOND = 1e9;

// The rows of the chart come in columns, times as differences.
D.rows = ((c) => {
  let t = 0;
  return c.t.map((d, i) => ({ t: (t += d), a: c.a[i], b: c.sets[c.b[i]], l: c.l[i], c: Math.max(c.c[i], -1), p: c.p[i], n: c.c[i] < 0 ? D.text[-1 - c.c[i]] : "" }));
})(D.rows);

const byId = (id) => document.getElementById(id);

function make(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(e, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) e.setAttribute(name, value);
  e.append(...children);
  return e;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

// seconds shows an instant; digits are decimals.
const seconds = (ns, digits) => (ns / SECOND).toFixed(digits === undefined ? 3 : digits);

// still is whether the reader has asked the system for less movement.
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const clamp = (v, low, high) => Math.max(low, Math.min(high, v));

// state: the time range that is looked at, the instant of the playback, and the chosen row.
const state = { from: 0, to: D.duration, now: 0, row: -1 };
const listeners = { range: [], now: [], row: [], theme: [] };

function tell(what) {
  for (const f of listeners[what]) f();
}

const whole = () => state.from <= 0 && state.to >= D.duration;

function setRange(from, to) {
  const least = 1e5; // 0.1 ms
  let width = clamp(to - from, least, D.duration);
  from = clamp(from, 0, D.duration - width);
  to = from + width;
  if (from === state.from && to === state.to) return;
  state.from = from;
  state.to = to;
  tell("range");
}

function zoom(factor) {
  const middle = (state.from + state.to) / 2, half = (state.to - state.from) / 2 * factor;
  setRange(middle - half, middle + half);
}

function pan(share) {
  const by = (state.to - state.from) * share;
  setRange(state.from + by, state.to + by);
}

function setNow(t) {
  state.now = clamp(t, 0, D.duration);
  tell("now");
}

function setRow(i) {
  state.row = i;
  tell("row");
}

const text = (i) => (i < 0 ? "" : D.text[i]);
const nodeName = (i) => (i < 0 ? "?" : D.nodes[i].name);

function rowName(r) {
  return r.c < 0 ? r.n : text(D.contents[r.c].m);
}

function rowGroup(r) {
  return r.c < 0 ? "fact" : D.contents[r.c].g;
}

// describe says a row in words, for those who do not see the picture.
function describe(r) {
  if (r.c < 0) return seconds(r.t) + " s, " + nodeName(r.a) + ": " + r.n;
  const to = (r.b || []).map(nodeName).join(", ") || "nobody";
  return seconds(r.t) + " s, " + rowName(r) + " from " + nodeName(r.a) + " to " + to + " on " + D.links[r.l].name;
}

function say(message) {
  byId("said").textContent = message;
}
