// The colours, and the start of all parts.
(() => {
  const themes = ["auto", "dark", "light"], button = byId("theme");
  let theme = 0;
  button.addEventListener("click", () => {
    theme = (theme + 1) % themes.length;
    if (theme === 0) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = themes[theme];
    button.textContent = "Colours: " + themes[theme];
    button.setAttribute("aria-label", "Colours: " + (theme === 0 ? "as the system" : themes[theme]));
    tell("theme");
  });
  // Paper is white, and has no place to scroll.
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.theme = "light";
    tell("theme");
    ladder.print(true);
  });
  addEventListener("afterprint", () => {
    if (theme === 0) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = themes[theme];
    tell("theme");
    ladder.print(false);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => tell("theme"));
  timeline.start();
  packet.start();
  ladder.start();
  network.start();
  tables.start();
  document.body.dataset.ready = "yes";
})();
