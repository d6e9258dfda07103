// Sets light or dark before anything is painted; "auto" follows the machine.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme;
    root.dataset.bsTheme = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
    document.dispatchEvent(new Event("taxops:theme"));
  };
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("taxops:theme-set", (event) => { root.dataset.theme = event.detail; apply(); });
})();
