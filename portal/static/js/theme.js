// The desk's light and dark switch. Loaded in <head>, so that the chosen theme stands before anything is painted.
(() => {
  const root = document.documentElement;
  const next = { system: "light", light: "dark", dark: "system" };

  function show(theme) {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    const button = document.getElementById("theme-switch");
    if (!button) return;
    button.hidden = false;
    button.querySelector("[data-label]").textContent = button.dataset[theme];
  }

  function chosen() {
    try {
      return localStorage.getItem("desk-theme") || "system";
    } catch {
      return "system"; // storage may be switched off
    }
  }

  show(chosen());
  document.addEventListener("DOMContentLoaded", () => {
    show(chosen());
    document.getElementById("theme-switch")?.addEventListener("click", () => {
      const theme = next[chosen()];
      try {
        localStorage.setItem("desk-theme", theme);
      } catch {
        // the choice then lasts for this page only
      }
      show(theme);
    });
  });
})();
