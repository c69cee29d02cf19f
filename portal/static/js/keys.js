// The desk's keyboard: an element with data-key="r" is focused or followed when R is pressed outside a field;
// J and K walk the rows of a [data-rows] table. Everything works without this file.
(() => {
  const typing = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

  function walk(by) {
    const links = [...document.querySelectorAll("[data-rows] tbody tr a:first-of-type")].filter(
      (link, index, all) => all.findIndex((other) => other.closest("tr") === link.closest("tr")) === index,
    );
    const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    links[Math.max(0, Math.min(links.length - 1, here + by))]?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      walk(key === "j" ? 1 : -1);
      return;
    }
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return;
    event.preventDefault();
    target.closest("details")?.setAttribute("open", "");
    if (target.matches("a")) target.click();
    else target.focus();
  });
})();
