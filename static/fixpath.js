// Improves pages that work without it: slash to search, copy buttons, theme. Changes nothing else.
"use strict";

(() => {
  const root = document.documentElement;
  const remembered = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const remember = (value) => { try { localStorage.setItem("theme", value); } catch { /* private windows */ } };
  const apply = (theme) => { if (theme) root.dataset.theme = theme; else delete root.dataset.theme; };
  apply(remembered());

  const shown = () => root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    const label = () => { button.textContent = shown() === "dark" ? "Light" : "Dark"; };
    label();
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = shown() === "dark" ? "light" : "dark";
      apply(next);
      remember(next);
      label();
    });
  }

  for (const keys of document.querySelectorAll(".keys")) keys.hidden = false;

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

  const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const copy = async (button) => {
    const { copy: text, title, why, link } = button.dataset;
    if (link && navigator.clipboard.write && window.ClipboardItem) {
      const html = `<a href="${escape(link)}"><b>${escape(title)}</b></a><br>${escape(why)}`;
      const part = (type, value) => new Blob([value], { type });
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": part("text/plain", text), "text/html": part("text/html", html) })]);
    } else {
      await navigator.clipboard.writeText(text);
    }
  };
  const says = document.createElement("p");
  says.className = "hidden";
  says.setAttribute("role", "status");
  document.body.append(says);
  const copying = navigator.clipboard ? document.querySelectorAll("[data-copy]") : [];
  for (const button of copying) {
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try { await copy(button); button.textContent = says.textContent = "Copied"; } catch { button.textContent = says.textContent = "Not copied"; }
      setTimeout(() => { button.textContent = label; says.textContent = ""; }, 2000);
    });
  }

  if (navigator.clipboard) {
    for (const code of document.querySelectorAll(".prose pre > code")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy-code";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy this code");
      button.addEventListener("click", async () => {
        try { await navigator.clipboard.writeText(code.textContent); button.textContent = "Copied"; } catch { button.textContent = "Not copied"; }
        setTimeout(() => { button.textContent = "Copy"; }, 2000);
      });
      code.parentElement.before(button);
    }
  }
})();
