// Improves pages that work without it: theme, slash to search, copy buttons. It is loaded before the page is painted, so that a
// remembered theme does not flash; everything else waits for the document.
"use strict";

(() => {
  const root = document.documentElement;
  const remembered = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const remember = (value) => { try { localStorage.setItem("theme", value); } catch { /* private windows */ } };
  const apply = (theme) => { if (theme === "light" || theme === "dark") root.dataset.theme = theme; };
  apply(remembered());

  const element = (name, properties) => Object.assign(document.createElement(name), properties);

  const themes = () => {
    const shown = () => root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const other = () => (shown() === "dark" ? "light" : "dark");
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      const label = () => { button.ariaLabel = button.title = `Use the ${other()} theme`; };
      label();
      button.hidden = false;
      button.addEventListener("click", () => {
        apply(other());
        remember(root.dataset.theme);
        label();
      });
    }
  };

  const keys = () => {
    for (const hint of document.querySelectorAll(".keys")) hint.hidden = false;
    document.addEventListener("keydown", (event) => {
      const writing = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        const box = document.querySelector("[data-slash]");
        if (box) { event.preventDefault(); box.focus(); box.select(); }
      }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-submit]")) {
        event.target.form.requestSubmit();
      }
    });
  };

  const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

  // A link for chats goes as rich text as well, where the browser can.
  const copyLink = async ({ copy: text, title, why, link }) => {
    if (!link || !navigator.clipboard.write || !window.ClipboardItem) return navigator.clipboard.writeText(text);
    const html = `<a href="${escape(link)}"><b>${escape(title)}</b></a><br>${escape(why)}`;
    const part = (type, value) => new Blob([value], { type });
    return navigator.clipboard.write([new ClipboardItem({ "text/plain": part("text/plain", text), "text/html": part("text/html", html) })]);
  };

  const copying = () => {
    // Browsers offer the clipboard to secure origins only.
    if (!navigator.clipboard) return;
    const says = element("p", { className: "hidden", role: "status" });
    document.body.append(says);
    const onClick = (button, copy) => {
      const label = button.textContent;
      button.addEventListener("click", async () => {
        const said = await copy().then(() => "Copied", () => "Not copied");
        button.textContent = says.textContent = said;
        setTimeout(() => { button.textContent = label; says.textContent = ""; }, 2000);
      });
    };
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = false;
      onClick(button, () => copyLink(button.dataset));
    }
    for (const code of document.querySelectorAll(".prose pre > code")) {
      const button = element("button", { type: "button", className: "copy-code", textContent: "Copy" });
      const box = element("div", { className: "code" });
      code.parentElement.replaceWith(box);
      box.append(code.parentElement, button);
      onClick(button, () => navigator.clipboard.writeText(code.textContent));
    }
  };

  document.addEventListener("DOMContentLoaded", () => { themes(); keys(); copying(); });
})();
