// The panel that shows one message: its headers and its octets.
const packet = (() => {
  let opener = null;

  const isOpen = () => !byId("packet").hidden;

  function open(i, from) {
    const r = D.rows[i];
    if (from) opener = from;
    setRow(i);
    setNow(r.t);
    byId("packet-title").textContent = rowName(r);
    byId("packet-body").replaceChildren(...(r.c < 0 ? factBody(r) : frameBody(r)));
    const wasOpen = isOpen();
    byId("packet").hidden = false;
    byId("packet").scrollTop = 0;
    if (!wasOpen) byId("packet-title").focus();
  }

  function close() {
    if (!isOpen()) return;
    byId("packet").hidden = true;
    if (opener) opener.focus({ preventScroll: true });
  }

  function list(pairs) {
    const dl = make("dl");
    for (const [name, value] of pairs) if (value) dl.append(make("dt", {}, name), make("dd", {}, value));
    return dl;
  }

  const factBody = (r) => [list([["Time", seconds(r.t, 9) + " s"], ["Node", nodeName(r.a)], ["Fact", r.n]])];

  function frameBody(r) {
    const c = D.contents[r.c];
    const head = list([
      ["Time", seconds(r.t, 9) + " s"], ["Link", D.links[r.l].name], ["From", nodeName(r.a)],
      ["To", (r.b || []).map(nodeName).join(", ") || "nobody"], ["Source", c.s], ["Destination", c.d],
      ["Class", c.g], ["Octets", String(c.n)], ["During", text(r.p)],
    ]);
    if (!c.o) return [head, make("p", { class: "hint" }, "The report embeds no octets of this message; packets.pcapng has them.")];
    const parts = c.l.map((l) => {
      const table = list(pairs(l.f));
      const d = make("details", {}, make("summary", {}, make("b", {}, text(l.n)), " " + text(l.s)), table);
      d.open = true;
      return d;
    });
    const [dump, octets] = hex(c);
    const light = (k) => {
      parts.forEach((p, i) => p.classList.toggle("lit", i === k));
      octets.forEach((o) => o.e.classList.toggle("lit", o.layer === k));
    };
    parts.forEach((p, i) => {
      // Not mouseenter, which comes, too, when the panel scrolls below a mouse at rest.
      p.addEventListener("mousemove", (e) => (e.movementX || e.movementY) && light(i));
      p.firstChild.addEventListener("focus", () => light(i));
    });
    octets.forEach((o) => o.e.addEventListener("click", () => {
      light(o.layer);
      if (o.layer >= 0) parts[o.layer].scrollIntoView({ block: "nearest" });
    }));
    return [head, make("h3", {}, "Headers"), ...parts, make("h3", {}, "Octets"), dump];
  }

  function pairs(f) {
    const out = [];
    for (let i = 0; i < (f || []).length; i += 2) out.push([text(f[i]), text(f[i + 1])]);
    return out;
  }

  // hex is a dump in which each octet knows its header.
  function hex(c) {
    const raw = atob(c.o), wide = byId("packet").parentNode.clientWidth < 560 ? 8 : 16, pre = make("pre", { tabindex: 0, "aria-label": "octets in hexadecimal" }), octets = [];
    const layerOf = (at) => c.l.findIndex((l) => at >= l.o && at < l.o + l.c);
    for (let at = 0; at < raw.length; at += wide) {
      pre.append(make("i", {}, at.toString(16).padStart(4, "0") + "  "));
      let letters = "";
      for (let i = at; i < at + wide; i++) {
        if (i >= raw.length) {
          pre.append("   ");
          continue;
        }
        const code = raw.charCodeAt(i), e = make("span", {}, code.toString(16).padStart(2, "0"));
        octets.push({ e, layer: layerOf(i) });
        pre.append(e, " ");
        letters += code > 0x20 && code < 0x7f ? raw[i] : ".";
      }
      pre.append(make("i", {}, " " + letters + "\n"));
    }
    return [pre, octets];
  }

  function start() {
    byId("packet-close").addEventListener("click", close);
    byId("packet-before").addEventListener("click", () => ladder.step(-1));
    byId("packet-next").addEventListener("click", () => ladder.step(1));
    document.addEventListener("keydown", (e) => {
      if (e.key === "Escape") close();
    });
  }
  return { start, open, isOpen };
})();
