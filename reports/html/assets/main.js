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
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => tell("theme"));
  timeline.start();
  packet.start();
  ladder.start();
  network.start();
  tables.start();
  document.body.dataset.ready = "yes";
})();
