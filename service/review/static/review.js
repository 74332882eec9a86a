// Keys, drafts of notes, the selection, live counts. Everything works without it, by links and buttons.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const help = $("#help");
  const typing = (element) => element.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

  // --- the queue -----------------------------------------------------------------------------------------------------
  const entries = all("#queue > li");
  let here = -1;
  function go(place) {
    if (!entries.length) return;
    here = Math.max(0, Math.min(entries.length - 1, place));
    entries.forEach((entry, at) => entry.classList.toggle("here", at === here));
    $(".open", entries[here]).focus();
    entries[here].scrollIntoView({ block: "nearest" });
  }
  entries.forEach((entry, at) => entry.addEventListener("focusin", () => {
    here = at;
    entries.forEach((other, place) => other.classList.toggle("here", place === at));
  }));
  const boxes = all("#queue input[type=checkbox]");
  function tell() {
    const count = boxes.filter((box) => box.checked).length;
    const shown = $("#selected");
    if (shown) shown.textContent = count ? `${count} selected` : "none selected";
  }
  boxes.forEach((box) => box.addEventListener("change", tell));
  $("#select-all")?.addEventListener("change", (event) => {
    boxes.forEach((box) => { box.checked = event.target.checked; });
    tell();
  });

  // --- drafts: what was typed outlives a lost session or a closed tab ---------------------------------------------------
  const note = $("#note");
  const drafts = {
    key: () => `note:${note.dataset.draft}`,
    keep() { try { sessionStorage.setItem(this.key(), note.value); } catch { /* storage is off: the server keeps it too */ } },
    take() { try { return sessionStorage.getItem(this.key()) || ""; } catch { return ""; } },
    drop() { try { sessionStorage.removeItem(this.key()); } catch { /* as above */ } },
  };
  if (note) {
    if (!note.value) note.value = drafts.take();
    note.addEventListener("input", () => drafts.keep());
    if ($(".flash") && !note.value) drafts.drop();
  }

  // --- keys ------------------------------------------------------------------------------------------------------------
  const item = $("article.item");
  const follow = (address) => { if (address) location.assign(address); };
  const keys = {
    j: () => (item ? follow(item.dataset.next) : go(here + 1)),
    k: () => (item ? follow(item.dataset.previous) : go(here - 1)),
    x: () => { if (here >= 0) { boxes[here].checked = !boxes[here].checked; tell(); } },
    n: () => note?.focus(),
    q: () => { if (item) follow("/review"); },
    "/": () => ($("#search") ? $("#search").focus() : follow("/review#search")),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.key === "Escape" && typing(document.activeElement)) { document.activeElement.blur(); return; }
    if (typing(event.target)) return;
    const button = all("[data-key]").find((one) => one.dataset.key === event.key && !one.disabled);
    if (!button && !keys[event.key]) return;
    event.preventDefault();
    if (button) button.click(); else keys[event.key]();
  });
  $("#help-button")?.addEventListener("click", () => help.showModal());
  // One click, one decision: a second press while the answer is on its way changes nothing.
  all("form[method=post]").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  }));
  addEventListener("pageshow", () => all("form").forEach((form) => { delete form.dataset.sent; }));

  // --- what others do, as it happens -------------------------------------------------------------------------------------
  const live = $("#live");
  const address = document.body.dataset.live;
  if (address && "EventSource" in window) {
    const stream = new EventSource(address);
    let first = null;
    stream.addEventListener("queue", (event) => {
      const told = JSON.parse(event.data);
      $("#held-count").textContent = told.held;
      if (first === null) { first = told.latest; return; }
      if (!item && told.latest > first) say("Something new is waiting. ", "Show it", location.pathname + location.search);
    });
    stream.addEventListener("item", (event) => {
      const told = JSON.parse(event.data);
      if (told.changed) say("This item was changed meanwhile. ", "Load it again", location.href);
      else if (told.claimed_by) say(`${told.claimed_by} has this item open too. `);
    });
    addEventListener("pagehide", () => stream.close());
  }
  function say(text, label, target) {
    live.hidden = false;
    live.textContent = text;
    if (!label) return;
    const link = document.createElement("a");
    link.href = target;
    link.textContent = label;
    live.append(link);
  }
})();
