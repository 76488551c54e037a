"use strict";
/* The web app of the stand-in: small, framework-free, but real. It talks to Grok the way the
   page does: signed REST calls, chat over the gateway socket, files from the assets host. */
(() => {
  const urls = self.__grok;
  const $ = (id) => document.getElementById(id);
  const editor = document.querySelector("div.tiptap.ProseMirror");
  const state = {
    user: null, socket: null, conversation: null, attached: null, parent: "", mode: "fast",
    files: [], live: null, waiting: [], beat: 0,
  };

  // --- the page's signature: method, path and the meta that came with the HTML -------------
  const verification = document.querySelector('meta[name="grok-site-verification"]').content;
  const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  const random = (size) => crypto.getRandomValues(new Uint8Array(size));
  const uuid = () => {
    const h = hex(random(16));
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`;
  };
  const fnv1a = (text) => {
    let value = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
    return (value >>> 0).toString(16).padStart(8, "0");
  };
  const signature = (method, path) => {
    const nonce = hex(random(11)).slice(0, 21);
    const text = `${nonce}!${method}!${path}!${verification}`;
    const rounds = [0, 1, 2, 3, 4, 5].map((n) => fnv1a(n + text)).join("");
    return btoa(`${nonce}.${rounds}`).replace(/=+$/, "");
  };

  const call = async (method, path, body) => {
    const headers = {
      "x-statsig-id": signature(method, path.split("?")[0]),
      "x-xai-request-id": uuid(),
    };
    if (body && !(body instanceof FormData)) {
      headers["content-type"] = "application/json";
      body = JSON.stringify(body);
    }
    const response = await fetch(path, { method, headers, body, credentials: "same-origin" });
    const type = response.headers.get("content-type") || "";
    const value = type.includes("json") ? await response.json() : {};
    if (!response.ok) throw new Error((value.error || value).message || `HTTP ${response.status}`);
    return value;
  };

  const notice = (text) => { $("notice").textContent = text; $("notice").hidden = !text; };
  /* The first row of the page's flight data: where its picture is, in three spellings of URLs. */
  const flight = () => {
    const row = self.__next_f.map((push) => push[1] || "").find((text) => text.startsWith("3:"));
    return JSON.parse(row.slice(2))[3];
  };
  const make = (name, properties) => Object.assign(document.createElement(name), properties);

  // --- messages ----------------------------------------------------------------------------
  const scroll = () => { $("messages").scrollTop = $("messages").scrollHeight; };
  const fileView = (file) => {
    const url = urls.assets + file.fileUri;
    if (!(file.fileMimeType || "").startsWith("image/")) {
      return make("a", { href: url, textContent: file.fileName, className: "file" });
    }
    return make("img", { src: url, alt: file.fileName, className: "upload" });
  };
  const addMessage = (role, id) => {
    $("greeting").hidden = true;
    const article = make("article", { id: `response-${id}`, className: role });
    article.dataset.testid = `${role}-message`;
    const text = make("div", { className: "text" });
    article.append(text);
    $("messages").append(article);
    scroll();
    return { article, text, thoughts: null };
  };
  const think = (message, text, isHeader) => {
    if (!message.thoughts) {
      const details = make("details", { className: "thoughts", open: true });
      details.append(make("summary", { textContent: "Thinking" }));
      message.thoughts = details;
      message.article.prepend(details);
    }
    if (isHeader) message.thoughts.append(make("strong", { textContent: text }));
    else {
      const last = message.thoughts.lastChild;
      const note = last.nodeName === "P" ? last : make("p", {});
      note.append(text);
      message.thoughts.append(note);
    }
  };
  const showImage = (message, key, progress) => {
    let image = message.article.querySelector("img.generated");
    if (!image) {
      image = make("img", { className: "generated", alt: "", onload: scroll });
      message.article.append(image);
    }
    image.src = urls.assets + key;
    image.style.opacity = progress === 100 ? 1 : 0.4;
  };
  const cite = (message, citation) => {
    const label = `[${Number(citation.citation_id) + 1}]`;
    const link = { href: citation.url, textContent: label, rel: "noreferrer", target: "_blank" };
    message.text.append(make("a", link));
  };
  const fail = (text) => {
    notice(text);
    finish();
  };
  const finish = () => {
    if (state.live && state.live.thoughts) state.live.thoughts.open = false;
    state.live = null;
    $("stop").hidden = true;
    $("send").disabled = false;
  };

  // --- the gateway socket ------------------------------------------------------------------
  /* One message may hold several objects: scan for balanced braces outside strings. */
  const objects = (text) => {
    const found = [];
    let depth = 0, start = 0, quoted = false;
    for (let i = 0; i < text.length; i += 1) {
      const c = text[i];
      if (quoted) {
        if (c === "\\") i += 1;
        else if (c === '"') quoted = false;
      } else if (c === '"') quoted = true;
      else if (c === "{" && (depth += 1) === 1) start = i;
      else if (c === "}" && (depth -= 1) === 0) found.push(JSON.parse(text.slice(start, i + 1)));
    }
    return found;
  };
  const send = (event, sessionId) => {
    const frame = { event: { event_id: `evt_${uuid()}`, ...event } };
    if (sessionId) frame.session_id = sessionId;
    state.socket.send(JSON.stringify(frame));
  };
  const connect = () => new Promise((resolve, reject) => {
    if (state.socket && state.socket.readyState === WebSocket.OPEN) { resolve(); return; }
    const socket = new WebSocket(urls.gateway + state.user.userId);
    state.socket = socket;
    state.attached = null;
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error("The chat connection was refused."));
    socket.onmessage = (message) => objects(message.data).forEach(receive);
    socket.onclose = () => {
      if (state.live) fail("The connection was lost before the answer ended.");
    };
    clearInterval(state.beat);
    state.beat = setInterval(() => {
      if (socket.readyState === WebSocket.OPEN) send({ type: "ping" });
    }, 10000);
  });
  const attach = () => new Promise((resolve) => {
    if (state.attached && state.attached === state.conversation) { resolve(); return; }
    const x_grok = {
      protocol_capabilities: ["conversation_attached", "custom_methods_v1"],
      use_chunk: true, is_temporary: false, enable_image_generation: true,
    };
    if (state.conversation) {
      Object.assign(x_grok, {
        conversation_id: state.conversation, load_existing: true, needs_history: false,
      });
    }
    state.waiting.push(resolve);
    const session = { model: state.mode, x_grok };
    send({ type: "session.create", session }, state.conversation);
  });

  const onChunk = (chunk) => {
    const message = state.live;
    if (!message) return;
    if (chunk.text) {
      const channel = chunk.text.channel;
      if (channel === "CHANNEL_ASSISTANT_RESPONSE") message.text.append(chunk.text.text);
      else think(message, chunk.text.text, channel.endsWith("_HEADER"));
    }
    if (chunk.tool_usage_card) {
      const card = chunk.tool_usage_card;
      const used = card.web_search || card.x_search || card.code_execution;
      if (used) think(message, used.args.query || used.args.code, true);
    }
    if (chunk.render_generated_image) {
      const image = chunk.render_generated_image.image_chunk;
      showImage(message, image.imageUrl, image.progress);
    }
    if (chunk.render_citation) cite(message, chunk.render_citation);
    scroll();
  };
  const receive = (frame) => {
    const event = frame.event || {};
    switch (event.type) {
      case "conversation.attached":
        state.attached = event.conversation.id;
        state.conversation = event.conversation.id;
        state.waiting.splice(0).forEach((resolve) => resolve());
        break;
      case "response.created":
        state.parent = event.response.id;
        state.live = addMessage("assistant", event.response.id);
        break;
      case "response.chunk": onChunk(event.chunk); break;
      case "response.grok.output":
        if (event.output.stream_error) notice(event.output.stream_error.message);
        break;
      case "response.done": finish(); refresh(); break;
      case "conversation.title.updated": refresh(); break;
      case "error": fail((event.error || event).message); break;
      default: break;
    }
  };

  const ask = async (text) => {
    notice("");
    $("send").disabled = true;
    const files = state.files.splice(0);
    $("files").replaceChildren();
    try {
      await connect();
      await attach();
    } catch (error) { fail(error.message); return; }
    const mine = addMessage("user", uuid());
    mine.text.textContent = text;
    files.forEach((file) => mine.article.append(fileView(file)));
    const ids = files.map((file) => file.fileMetadataId);
    const mentions = ids.map((id) => ({ mention: { target: { file_mention: { file_id: id } } } }));
    const input_chunks = [...mentions, { text: { text } }];
    const event = {
      type: "conversation.item.create",
      item: {
        type: "message", role: "user", file_attachment_ids: ids,
        x_grok: { client_message_id: uuid(), input_chunks },
      },
      file_attachment_ids: ids,
    };
    if (state.parent) event.parent_response_id = state.parent;
    send(event, state.conversation);
    send({ type: "response.create" }, state.conversation);
    $("stop").hidden = false;
    $("share").hidden = false;
    const path = `/c/${state.conversation}`;
    if (location.pathname !== path) history.pushState({}, "", path);
  };

  // --- conversations -----------------------------------------------------------------------
  const clear = () => {
    state.conversation = null;
    state.parent = "";
    $("messages").querySelectorAll("article").forEach((article) => article.remove());
    $("greeting").hidden = false;
    $("share").hidden = true;
    notice("");
  };
  const showStored = (response) => {
    const human = response.sender.toLowerCase() === "human";
    const message = addMessage(human ? "user" : "assistant", response.responseId);
    for (const step of response.steps || []) {
      (step.text || []).forEach((text, i) => think(message, text, (step.tags || [])[i] === "header"));
    }
    if (message.thoughts) message.thoughts.open = false;
    message.text.textContent = response.message;
    (response.fileAttachmentsMetadata || []).forEach((f) => message.article.append(fileView(f)));
    (response.generatedImageUrls || []).forEach((key) => showImage(message, key, 100));
    if (!human) state.parent = response.responseId;
  };
  const open = async (id) => {
    clear();
    state.conversation = id;
    try {
      const path = `/rest/app-chat/conversations/${id}`;
      const nodes = (await call("GET", `${path}/response-node?includeThreads=true`)).responseNodes;
      const responseIds = nodes.map((node) => node.responseId);
      const loaded = await call("POST", `${path}/load-responses`, { responseIds });
      loaded.responses.forEach(showStored);
      $("share").hidden = false;
    } catch (error) { clear(); notice(error.message); }
  };
  /* A soft navigation: the flight data of the page, then the address bar. */
  const navigate = async (path) => {
    const headers = { rsc: "1", "next-url": location.pathname, "next-router-state-tree": "%5B%5D" };
    await fetch(`${path}?_rsc=${hex(random(3))}`, { headers }).catch(() => {});
    history.pushState({}, "", path);
    await route();
  };
  const route = async () => {
    const id = (location.pathname.match(/^\/c\/([\w-]+)/) || [])[1];
    if (id) await open(id);
    else clear();
  };
  const listItem = (conversation) => {
    const path = `/c/${conversation.conversationId}`;
    const link = make("a", { href: path, textContent: conversation.title });
    link.className = conversation.conversationId === state.conversation ? "current" : "";
    link.onclick = (event) => { event.preventDefault(); navigate(path).then(refresh); };
    const bin = make("button", { type: "button", textContent: "×", title: "Delete" });
    bin.onclick = async () => {
      await call("DELETE", `/rest/app-chat/conversations/soft/${conversation.conversationId}`);
      if (conversation.conversationId === state.conversation) await navigate("/");
      refresh();
    };
    const row = make("div", {});
    row.append(link, bin);
    return row;
  };
  const refresh = async () => {
    if (!state.user) return;
    const list = await call("GET", "/rest/app-chat/conversations?pageSize=60");
    $("conversations").replaceChildren(...list.conversations.map(listItem));
    const meter = await call("POST", "/rest/rate-limits", { modelName: state.mode });
    $("quota").textContent = `${state.mode}: ${meter.remainingQueries} of ${meter.totalQueries} left`;
  };

  // --- start -------------------------------------------------------------------------------
  const loadModes = async () => {
    const { modes, defaultModeId } = await call("POST", "/rest/modes", { locale: "en" });
    state.mode = defaultModeId;
    $("mode").replaceChildren(...modes.map((mode) => make("option", {
      value: mode.id, textContent: mode.title, selected: mode.id === defaultModeId,
      disabled: !mode.availability.available,
    })));
  };
  const quiet = (promise) => promise.catch((error) => console.info("stand-in:", error.message));
  const start = async () => {
    quiet(fetch(urls.flags, { method: "POST", body: "{}" }));
    const probe = await call("GET", "/api/auth/session");
    const session = probe.session || (probe.user && { userId: probe.user.id }) || null;
    if (!session) {
      notice(probe.status === "blocked" ? "This account is blocked." : "You are signed out.");
      return;
    }
    state.user = session;
    const who = await call("GET", "/rest/auth/get-user");
    $("who").textContent = who.email;
    $("avatar").src = flight().src;
    $("avatar").hidden = false;
    ["/rest/subscriptions", "/rest/user-settings", "/rest/products", "/rest/tasks"]
      .forEach((path) => quiet(call("GET", path)));
    quiet(call("POST", "/rest/connectors/list-v2", { refreshToken: true }));
    await loadModes();
    await route();
    await refresh();
    await connect();
    document.body.dataset.ready = "true";
  };

  $("composer").onsubmit = (event) => {
    event.preventDefault();
    const text = editor.innerText.replace(/\u00a0/g, " ").trim();
    if (!text || $("send").disabled) return;
    editor.textContent = "";
    ask(text);
  };
  editor.onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      $("composer").requestSubmit();
    }
  };
  editor.onpaste = (event) => {
    event.preventDefault();
    document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  };
  $("mode").onchange = () => { state.mode = $("mode").value; state.attached = null; refresh(); };
  $("new").onclick = () => navigate("/");
  $("stop").onclick = () => call(
    "POST", `/rest/app-chat/conversations/${state.conversation}/stop-inflight-responses`, {});
  $("share").onclick = async () => {
    const path = `/rest/app-chat/conversations/${state.conversation}/share`;
    const { shareLinkId } = await call("POST", path, { responseId: state.parent });
    notice(urls.share + shareLinkId);
  };
  $("file").onchange = async () => {
    const form = new FormData();
    form.append("file", $("file").files[0]);
    $("file").value = "";
    try {
      const result = await call("POST", "/http/upload-file-v2/direct", form);
      if (result.terminalError) throw new Error(result.terminalError.message);
      state.files.push(result.fileMetadata);
      $("files").append(fileView(result.fileMetadata));
    } catch (error) { notice(error.message); }
  };
  addEventListener("popstate", () => route().then(refresh));
  start().catch((error) => notice(error.message));
})();
