// Improves pages that work without it: theme, slash to write, copy buttons, files, pictures. It is loaded before the page is painted, so that a
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
      } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches("[data-enter]")) {
        // The box at the top looks like one line.
        event.preventDefault();
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
    for (const button of document.querySelectorAll("[data-copy-from]")) {
      button.hidden = false;
      onClick(button, () => navigator.clipboard.writeText(document.getElementById(button.dataset.copyFrom).textContent));
    }
    for (const code of document.querySelectorAll(".prose pre > code")) {
      const button = element("button", { type: "button", className: "copy-code", textContent: "Copy" });
      const box = element("div", { className: "code" });
      code.parentElement.replaceWith(box);
      box.append(code.parentElement, button);
      onClick(button, () => navigator.clipboard.writeText(code.textContent));
    }
  };

  const MOST = 4 * 1024 * 1024;

  // Why a file is not sent, if it is not.
  const refusal = (file) => {
    if (file.type.startsWith("image/")) return "A picture cannot be read: copy the text that it shows.";
    if (file.size <= MOST) return "";
    const size = (Math.ceil(file.size / MOST * 40) / 10).toFixed(1);
    return `The file has ${size} MiB, the most is 4. Save only the failing request: in the Network panel, right-click it, copy as cURL, and paste that.`;
  };

  // A file that is dropped, pasted or chosen goes the way of the form, byte for byte.
  const files = () => {
    for (const form of document.querySelectorAll("form[data-drop]")) {
      const box = form.querySelector("textarea");
      const says = form.querySelector("[data-says]");
      const send = (list) => {
        says.textContent = [...list].map(refusal).find(Boolean) || "";
        if (says.textContent) return;
        const own = form.querySelector("[type=file]");
        const input = own || form.appendChild(element("input", { type: "file", name: "file", hidden: true }));
        const { enctype } = form;
        input.files = list;
        box.required = false;
        form.enctype = "multipart/form-data";
        form.requestSubmit();
        // Whoever comes back finds the form as it was.
        if (!own) { input.remove(); box.required = true; form.enctype = enctype; }
      };
      const over = (is) => form.classList.toggle("over", is);
      form.addEventListener("dragover", (event) => {
        if (event.dataTransfer.types.includes("Files")) { event.preventDefault(); over(true); }
      });
      form.addEventListener("dragleave", () => over(false));
      form.addEventListener("drop", (event) => {
        over(false);
        if (event.dataTransfer.files.length) { event.preventDefault(); send(event.dataTransfer.files); }
      });
      box.addEventListener("paste", (event) => {
        const { files: list, types } = event.clipboardData;
        if (list.length && !types.includes("text/plain")) { event.preventDefault(); send(list); }
      });
      const link = form.querySelector("[data-choose]");
      if (link) link.addEventListener("click", (event) => {
        event.preventDefault();
        const input = element("input", { type: "file" });
        input.addEventListener("change", () => { if (input.files.length) send(input.files); });
        input.click();
      });
    }
  };

  const COPY = "kept ";

  // What this browser keeps, the newest first. What cannot be read is none of ours.
  const copies = (store) => {
    const read = (name) => { try { return { ...JSON.parse(store.getItem(name)), name }; } catch { return {}; } };
    const all = Object.keys(store).filter((name) => name.startsWith(COPY)).map(read);
    return all.filter((copy) => Array.isArray(copy.fields) && copy.action).sort((a, b) => b.at - a.at);
  };

  // What a form would send, without what belongs to the page. Files cannot be kept.
  const written = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf");

  // The same text, whatever it was based on.
  const same = (one, other) => {
    const text = (fields) => JSON.stringify(fields.filter(([name]) => !["kept", "base", "version"].includes(name)));
    return text(one) === text(other);
  };

  // The site shows a copy as it was written, with what became of the document meanwhile. Nothing is saved by that.
  const bringBack = ({ action, fields }, csrf) => {
    const form = element("form", { method: "post", action, enctype: "multipart/form-data", hidden: true });
    for (const [name, value] of [...fields, ["csrf", csrf], ["then", "show"]]) form.append(element("input", { type: "hidden", name, value }));
    document.body.append(form);
    form.submit();
  };

  // A copy with the choice of what becomes of it.
  const offer = (store, copy, csrf, words) => {
    const says = element("p", { textContent: `${words} ` });
    const back = element("button", { type: "button", textContent: "Bring it back" });
    const forget = element("button", { type: "button", textContent: "Forget it" });
    // Several copies may stand on a page.
    for (const button of [back, forget]) button.ariaLabel = `${button.textContent}: ${copy.what}`;
    back.addEventListener("click", () => bringBack(copy, csrf));
    forget.addEventListener("click", () => { store.removeItem(copy.name); says.parentElement.remove(); });
    says.append(back, " ", forget);
    return says;
  };

  const when = (copy) => new Date(copy.at).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });

  // What is being written stays in this browser until the site says that it has arrived: neither a tab that is closed nor a
  // refusal loses anything. Each page has a copy of its own, so that none takes the place of another.
  const keeping = () => {
    const store = (() => { try { return localStorage; } catch { return null; } })();
    if (!store) return;
    const arrived = /(?:^|; )fixpath-arrived=([^;]+)/.exec(document.cookie)?.[1];
    if (arrived) {
      store.removeItem(COPY + arrived);
      document.cookie = "fixpath-arrived=; path=/; max-age=0";
    }
    for (const form of document.querySelectorAll("form[data-keep]")) {
      const { kept, csrf, base, version } = form.elements;
      const names = form.dataset.keep.split(" ");
      const served = written(form);
      // A page that shows a text again goes on with its copy.
      const isAgain = Boolean(kept.value);
      kept.value ||= `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
      const before = isAgain && copies(store).find(({ name, key }) => name === COPY + kept.value && key === names[0]);
      // It is still based on what its writer saw: whoever comes back to it is told again.
      const seen = Object.fromEntries((before ? before.fields : []).filter(([name]) => ["base", "version"].includes(name)));
      const what = document.querySelector("h1").textContent;
      const write = () => {
        const fields = written(form).map(([name, value]) => [name, seen[name] ?? value]);
        const copy = { key: names[0], action: form.getAttribute("action"), at: Date.now(), what, fields };
        try { store.setItem(COPY + kept.value, JSON.stringify(copy)); } catch { /* full */ }
      };
      form.addEventListener("input", write);
      form.addEventListener("submit", write);
      if (isAgain) { write(); continue; }
      for (const copy of copies(store).filter(({ key }) => names.includes(key))) {
        if (same(copy.fields, served)) { store.removeItem(copy.name); continue; }
        const was = Object.fromEntries(copy.fields);
        const isNewer = copy.key === names[0] ? was.base !== base.value || was.version !== version.value : true;
        const then = isNewer ? " It was changed since then; you will see what became of it, and nothing is overwritten." : "";
        const notice = element("div", { className: "notice", role: "status" });
        notice.append(offer(store, copy, csrf.value, `This browser kept what you wrote here on ${when(copy)} and did not save.${then}`));
        form.before(notice);
      }
    }
    // On the desk stands all of it, also what belongs to a page that has no form any more.
    for (const section of document.querySelectorAll("[data-copies]")) {
      const all = copies(store);
      section.hidden = !all.length;
      for (const copy of all) {
        const item = element("li", {});
        item.append(offer(store, copy, section.querySelector("[name=csrf]").value, `${copy.what}, ${when(copy)}`));
        section.querySelector("ul").append(item);
      }
    }
  };

  // The text as readers see it, beside the one that is being written. A form has a field for each part of it.
  const preview = () => {
    for (const form of document.querySelectorAll("form:has([data-preview])")) {
      const areas = [...form.querySelectorAll("textarea[data-preview]")];
      const shown = document.getElementById(areas[0].dataset.preview);
      const token = form.elements.csrf.value;
      const part = ({ dataset: { heading }, value }) => (heading && value.trim() ? `## ${heading}\n\n${value}` : value);
      let timer = 0;
      let running = null;
      const show = async () => {
        running?.abort();
        running = new AbortController();
        const body = new URLSearchParams({ text: areas.map(part).join("\n\n") });
        const headers = { "x-csrf-token": token };
        const answer = await fetch("/preview", { method: "POST", body, headers, signal: running.signal }).catch(() => null);
        if (answer?.ok) shown.innerHTML = await answer.text();
      };
      const later = () => { clearTimeout(timer); timer = setTimeout(show, 300); };
      for (const area of areas) area.addEventListener("input", later);
      show();
    }
  };

  // A long list of ticks gets a box that narrows it down. What is ticked stays in sight.
  const filters = () => {
    for (const set of document.querySelectorAll("[data-filter]")) {
      const labels = [...set.querySelectorAll(".many label")];
      if (!labels.length) continue;
      const box = element("input", { type: "search", placeholder: "Find in this list", ariaLabel: `Find in: ${set.querySelector("legend").firstChild.data.trim()}` });
      box.addEventListener("input", (event) => {
        event.stopPropagation();
        const words = box.value.toLowerCase().split(/\s+/);
        for (const label of labels) {
          const text = label.textContent.toLowerCase();
          label.hidden = !label.firstElementChild.checked && !words.every((word) => text.includes(word));
        }
      });
      box.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
      set.querySelector(".many").before(box);
    }
  };

  const MOST_OF_A_PICTURE = 5 * 1024 * 1024;
  const PICTURES = ["image/png", "image/jpeg", "image/webp"];

  // Why a picture is not sent, if it is not. The site looks at its bytes; this only saves the way.
  const pictureRefusal = (file) => {
    if (file.type === "image/svg+xml") return "An SVG can carry scripts: save it as PNG.";
    if (!PICTURES.includes(file.type)) return "Only a picture can be shown in a text: save it as PNG, JPEG or WebP.";
    if (file.size <= MOST_OF_A_PICTURE) return "";
    const size = (Math.ceil(file.size / MOST_OF_A_PICTURE * 50) / 10).toFixed(1);
    return `The picture has ${size} MiB, the most is 5. Make it smaller, or show only the part that matters.`;
  };

  // Sends a picture, and gives what shows it in a text.
  const sendPicture = async (form, file) => {
    const body = new FormData();
    body.append("file", file, "picture");
    const headers = { accept: "application/json" };
    const token = form.querySelector("[name=csrf]");
    if (token) headers["x-csrf-token"] = token.value;
    const response = await fetch("/image", { method: "POST", headers, body, credentials: "same-origin" })
      .catch(() => { throw new Error("The site cannot be reached, so the picture was not added. Try again."); });
    const answer = await response.json().catch(() => null);
    if (response.ok && answer) return answer;
    throw new Error(answer?.error?.message || "The picture was not added. Check that you are still signed in, then try again.");
  };

  // Writes pictures where the cursor is, and selects the words that are to be replaced.
  const writePictures = (box, added) => {
    const text = added.map((picture) => picture.markdown).join("\n\n");
    const at = box.selectionStart;
    const words = /^!\[(.*?)\]/.exec(text)?.[1] ?? "";
    box.setRangeText(text, at, box.selectionEnd, "end");
    box.focus();
    box.setSelectionRange(at + 2, at + 2 + words.length);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // A picture that is pasted or dropped into a text is added and shown there.
  const pictures = () => {
    for (const box of document.querySelectorAll("textarea[data-images]")) {
      const { form } = box;
      const says = form.querySelector("[data-says]");
      const say = (text) => { if (says) says.textContent = text; };
      const add = async (list) => {
        const refused = list.map(pictureRefusal).find(Boolean);
        if (refused) return say(refused);
        const added = [];
        try {
          for (const file of list) {
            say(list.length > 1 ? `Adding picture ${added.length + 1} of ${list.length}…` : "Adding the picture…");
            added.push(await sendPicture(form, file));
          }
          say("Added. Now say what it shows.");
        } catch (error) {
          say(error.message);
        }
        if (added.length) writePictures(box, added);
      };
      const over = (is) => box.classList.toggle("over", is);
      box.addEventListener("dragover", (event) => {
        if (event.dataTransfer.types.includes("Files")) { event.preventDefault(); over(true); }
      });
      box.addEventListener("dragleave", () => over(false));
      box.addEventListener("drop", (event) => {
        over(false);
        if (event.dataTransfer.files.length) { event.preventDefault(); add([...event.dataTransfer.files]); }
      });
      box.addEventListener("paste", (event) => {
        const { files: list, types } = event.clipboardData;
        if (list.length && !types.includes("text/plain")) { event.preventDefault(); add([...list]); }
      });
    }
  };

  document.addEventListener("DOMContentLoaded", () => { keeping(); preview(); filters(); themes(); keys(); copying(); files(); pictures(); });
})();
