"use strict";
/* A small badge in a corner of Grok's page: which car, what is left, and the way to one's own pages.
   It keeps to itself: a closed shadow root, no global, nothing of the page's is wrapped or read. */
(() => {
  const NAME = "mirror-badge", HIDDEN = "mirror-badge-hidden";
  if (self !== top || customElements.get(NAME)) return;

  const make = (tag, set = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(set)) {
      if (name in element) element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...inside);
    return element;
  };

  class Badge extends HTMLElement {
    #root = this.attachShadow({ mode: "closed" });
    #button; #menu; #told = null; #isDrawing = false;

    connectedCallback() {
      if (this.#button) return;
      this.style.display = "none"; // until there is something to show, in its own style
      const sheet = make("link", { rel: "stylesheet", href: "/-/static/badge.css" });
      sheet.addEventListener("load", () => this.#show());
      this.#button = make("button", { type: "button", className: "badge", "aria-haspopup": "menu", "aria-expanded": "false" });
      this.#menu = make("div", { className: "menu", role: "menu", hidden: true });
      this.#button.addEventListener("click", () => this.#toggle(this.#menu.hidden));
      this.#root.append(sheet, make("div", { className: "all" }, this.#menu, this.#button));
      this.#root.addEventListener("keydown", (event) => this.#key(event));
      this.addEventListener("focusout", () => { if (!this.#isDrawing) this.#toggle(false, false); });
      document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#ask(); });
      this.#ask();
    }

    async #ask() {
      try {
        const answer = await fetch("/-/me/badge", { headers: { accept: "application/json" }, redirect: "error", cache: "no-store" });
        if (!answer.ok) return;
        this.#told = await answer.json();
        this.#show();
      } catch { /* signed out, or away: the page itself will say so */ }
    }

    #show() {
      const sheet = this.#root.querySelector("link")?.sheet;
      if (!this.#told || !sheet) return;
      const { car, left, lang, words } = this.#told;
      const at = this.#items().indexOf(this.#root.activeElement);
      this.#isDrawing = true;
      this.#root.host.lang = lang;
      this.#button.setAttribute("aria-label", [words.label, car || words.noCar, left?.text].filter(Boolean).join(" · "));
      this.#button.replaceChildren(
        make("span", { className: "dot" + (left && left.count === 0 ? " out" : "") }),
        make("span", { className: "car" }, car || "–"),
        ...(left ? [make("span", { className: "left" }, String(left.count))] : []),
      );
      this.#menu.setAttribute("aria-label", words.label);
      const link = (href, text) => make("a", { href, role: "menuitem", tabIndex: -1 }, text);
      const hide = make("button", { type: "button", role: "menuitem", tabIndex: -1 }, words.hide);
      hide.addEventListener("click", () => {
        try { sessionStorage.setItem(HIDDEN, "1"); } catch { /* then until the next page */ }
        watch.disconnect();
        this.remove();
      });
      this.#menu.replaceChildren(
        make("p", { role: "presentation" }, make("b", {}, car || words.noCar), ...(left ? [make("span", {}, left.text)] : [])),
        link("/-/cars", words.switch), link("/-/me", words.mine), link("/-/sign-out", words.signOut), hide,
      );
      this.style.display = "";
      if (at >= 0) this.#items()[at].focus();
      this.#isDrawing = false;
    }

    #toggle(open, keep = true) {
      if (this.#menu.hidden === !open) return;
      this.#menu.hidden = !open;
      this.#button.setAttribute("aria-expanded", String(open));
      if (open) { this.#ask(); this.#items()[0]?.focus(); } else if (keep) this.#button.focus();
    }

    #items() { return [...this.#menu.querySelectorAll("[role=menuitem]")]; }

    #key(event) {
      if (this.#menu.hidden) return;
      const items = this.#items(), at = items.indexOf(this.#root.activeElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
      if (event.key === "Escape") this.#toggle(false);
      else if (to !== undefined) items.at(to % items.length)?.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }
  }

  let hidden = false;
  try { hidden = sessionStorage.getItem(HIDDEN) === "1"; } catch { /* no storage: it is shown */ }
  if (hidden) return;
  customElements.define(NAME, Badge);
  const badge = document.createElement(NAME);
  /* The page draws itself anew now and then, and may throw out what it does not know. */
  const watch = new MutationObserver(() => {
    if (!badge.isConnected) document.documentElement.append(badge);
  });
  const begin = () => {
    document.documentElement.append(badge);
    watch.observe(document.documentElement, { childList: true });
  };
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
})();
