/** A text in quotation marks, or a sign with the blanks around it. */
const textOrSign = /("[^"\n]*"|'[^'\n]*')| *([{}()[\]=<>,;:?&|+*!-]) */g;

/** As it is sent: without comments, indentation, and blanks around signs. A line's end stays where it may end a statement. */
export const sent = (source: string): string =>
  source
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("//"))
    .map((line) => line.replaceAll(textOrSign, (_, text?: string, sign?: string) => text ?? sign ?? ""))
    .join("\n")
    .replaceAll(/([;{,])\n/g, "$1");

/**
 * The one script. Without it every page and every form works: times stay in UTC, an id is not copied, a page is read anew
 * by hand, and a code is typed.
 */
export const script: string = sent(`
const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const now = () => performance.now();
const [root, store] = [document.documentElement, sessionStorage];
const live = $("[data-live]");
const say = $("form#say");
const signOut = $("form[action='/sign-out']");
const units = [[864e5, "d"], [36e5, "h"], [6e4, "min"]];
const lengthOf = (ms) => {
  const [size, unit] = units.find(([size]) => ms >= size) ?? [];
  return unit && Math.floor(ms / size) + " " + unit;
};
const timeText = (at, kind) => {
  const ms = at - Date.now();
  if (kind === "left") return ms < 0 ? "time is over" : (lengthOf(ms) ?? "less than 1 min") + " left";
  const past = lengthOf(-ms);
  if (kind && past) return "for " + past;
  if (ms < -6048e5) return at.toLocaleDateString();
  return past ? past + " ago" : ms > 6e4 ? at.toLocaleString() : "just now";
};
const showTimes = () => {
  for (const time of all("time")) {
    const at = new Date(time.dateTime);
    if (isNaN(at)) continue;
    time.title = at.toLocaleString() + " (" + time.dateTime + ")";
    time.textContent = timeText(at, time.className);
  }
};
// Copying takes TLS, or this machine.
const showCopy = () => {
  for (const id of navigator.clipboard ? all("[data-copy]:not(:has(+ button))") : []) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.title = "Copy " + id.dataset.copy;
    button.setAttribute("aria-label", button.title);
    button.onclick = () => navigator.clipboard.writeText(id.dataset.copy).then(() => button.classList.add("done"));
    id.after(button);
  }
};
const dress = () => { showTimes(); showCopy(); };
let shown = live?.innerHTML;
dress();
setInterval(showTimes, 3e4);
const takeCode = () => {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  const signIn = $("form#sign-in");
  if (signIn === null || code === null) return;
  history.replaceState(null, "", location.pathname);
  signIn.elements.code.value = code;
  signIn.requestSubmit();
};
takeCode();
// A link that is opened in the tab of this page changes the fragment alone.
addEventListener("hashchange", takeCode);
const isTyping = () => all("input[type=text]", live).some((input) => input.value !== "" || input === document.activeElement);
const forms = () => all("form", live);
const keyOf = (form) => JSON.stringify([form.getBoundingClientRect().top, ...[...form.elements].map((one) => one.value + one.textContent)]);
const freshUntil = new Map();
// A form that came, moved or changed takes no press for a second: it may be meant for what was there before.
const markFresh = (before) => {
  for (const form of forms()) {
    const key = keyOf(form);
    if (!before.has(key)) freshUntil.set(key, now() + 1000);
    const left = (freshUntil.get(key) ?? 0) - now();
    if (left <= 0) continue;
    form.classList.add("fresh");
    setTimeout(() => form.classList.remove("fresh"), left);
  }
};
const isAtEnd = () => innerHeight + scrollY > root.scrollHeight - 80;
const toEnd = () => scrollTo(0, root.scrollHeight);
// Where this page stands: here, lost (no connection) or out (the sign-in has ended). With here, as it is read now.
const read = async () => {
  try {
    const answer = await fetch(location.href, { redirect: "manual", signal: AbortSignal.timeout(5000) });
    if (answer.type === "opaqueredirect") return ["out"];
    if (answer.status >= 500) return ["lost"];
    return ["here", new DOMParser().parseFromString(await answer.text(), "text/html")];
  } catch { return ["lost"]; }
};
const showState = (state) => {
  for (const name of ["lost", "out"]) $("#" + name).hidden = state !== name;
};
const take = (page) => {
  const fresh = $("[data-live]", page);
  // It is the page of another person, or another kind of page.
  const isOther = $(".who", page)?.textContent !== $(".who").textContent;
  if (isOther || (fresh === null) !== (live === null)) return location.replace(location.pathname + location.search);
  // After another sign-in, the forms that stay are of the earlier one.
  const token = $("input[name=form]", page).value;
  for (const input of all("input[name=form]")) input.value = token;
  $("#waits").innerHTML = $("#waits", page).innerHTML;
  if (live === null) return;
  document.title = page.title;
  $("link[rel=icon]").href = $("link[rel=icon]", page).href;
  if (fresh.innerHTML === shown) return;
  if (isTyping()) { $("#news").hidden = false; return; }
  shown = fresh.innerHTML;
  const focused = document.activeElement?.id;
  const [isTalk, wasAtEnd] = [say !== null, isAtEnd()];
  const before = new Set(forms().map(keyOf));
  const hadCard = $(".card", live) !== null;
  const open = all("details[open][id]", live);
  live.replaceChildren(...fresh.childNodes);
  for (const { id } of open) document.getElementById(id)?.setAttribute("open", "");
  dress();
  if (focused) document.getElementById(focused)?.focus({ preventScroll: isTalk });
  // A card stays where its reader sees it.
  if (isTalk && wasAtEnd && !hadCard) toEnd();
  markFresh(before);
};
let [isSending, isDue, looking] = [false, false, null];
const lookUntilSeen = async () => {
  while (isDue) {
    isDue = false;
    const [state, page] = await read();
    if (isSending) return;
    showState(state);
    if (state === "here") take(page);
  }
};
const look = () => {
  isDue = true;
  looking ??= lookUntilSeen().catch(() => {}).finally(() => { looking = null; });
};
const showWriting = ({ from, text }) => {
  const writing = $("#writing");
  if (writing === null) return;
  const wasAtEnd = isAtEnd();
  writing.hidden = text === "";
  writing.textContent = from + ": " + text;
  if (wasAtEnd && $(".card", live) === null) toEnd();
};
// All pages of this browser share one stream, since a browser opens six connections to a host. The page with the lock has it.
const share = () => {
  const channel = new BroadcastChannel("gatehouse");
  const post = (kind, data) => channel.postMessage({ kind, data });
  const topic = live?.dataset.live ?? "";
  const silentMs = 8000;
  let [heard, stop] = [now(), null];
  const hear = (kind, data) => {
    heard = now();
    const isAway = ["lost", "out"].some((name) => !$("#" + name).hidden);
    if (kind === "lost" || (kind === "beat" && isAway)) look();
    if (data.of !== topic) return;
    if (kind === "changed") look();
    if (kind === "writing") showWriting(data);
  };
  const lead = () => {
    let [topics, opened, source, beaten, settling] = [new Set(), null, null, now(), 0];
    const tell = (kind, data = {}) => { post(kind, data); hear(kind, data); };
    const wanted = () => new URLSearchParams([...topics].sort().map((of) => ["of", of])).toString();
    const open = () => {
      source?.close();
      [opened, beaten] = [wanted(), now()];
      source = new EventSource("/events?" + opened);
      for (const kind of ["beat", "changed", "writing"]) source.addEventListener(kind, ({ data }) => {
        beaten = now();
        tell(kind, JSON.parse(data));
      });
      source.addEventListener("error", () => { source.close(); tell("lost"); });
    };
    const settle = () => {
      clearTimeout(settling);
      settling = setTimeout(() => { if (wanted() !== opened) open(); }, 200);
    };
    const ask = () => {
      topics = new Set(topic === "" ? [] : [topic]);
      post("who");
      settle();
    };
    const timer = setInterval(() => {
      if (source === null || (source.readyState !== EventSource.CLOSED && now() - beaten < silentMs)) return;
      tell("lost");
      open();
    }, 3000);
    channel.onmessage = ({ data: { kind, data } }) => {
      if (kind === "left") ask();
      if (kind !== "here" || data === "") return;
      topics.add(data);
      settle();
    };
    ask();
    return () => { clearInterval(timer); clearTimeout(settling); source?.close(); follow(); };
  };
  const follow = () => {
    channel.onmessage = ({ data: { kind, data } }) => {
      if (kind === "who") post("here", topic);
      else if (typeof data === "object") hear(kind, data);
    };
    post("here", topic);
  };
  const hold = () => { stop = lead(); return new Promise(() => {}); };
  const drop = () => { stop?.(); stop = null; };
  const { locks } = navigator;
  const wait = () => { locks.request("gatehouse", hold).catch(() => { drop(); wait(); }); };
  follow();
  if (locks === undefined) return void hold();
  wait();
  setInterval(() => {
    // The page that has the stream is frozen: this one takes it.
    if (stop !== null || document.hidden || now() - heard < silentMs) return;
    heard = now();
    look();
    locks.request("gatehouse", { steal: true }, hold).catch(drop);
  }, 3000);
  addEventListener("pagehide", () => post("left", ""));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
};
if (signOut !== null) {
  share();
  let checked = null;
  // A form that cannot be sent stays, with what was typed into it.
  addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (form.method !== "post" || form === checked) return;
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    const [state] = await read();
    isSending = false;
    showState(state);
    if (state !== "here") return;
    if (form === signOut) store.clear();
    checked = form;
    form.requestSubmit(submitter);
    checked = null;
  });
}
if (say !== null) {
  const { text, id } = say.elements;
  const key = $(".who").textContent + " " + location.pathname;
  if (id !== undefined) {
    // A message is kept until the host has taken it.
    const [kept, sent] = [JSON.parse(store.getItem(key) ?? "{}"), new URLSearchParams(location.search).get("sent")];
    if (sent !== null) history.replaceState(null, "", location.pathname);
    if (kept.id === sent) store.removeItem(key);
    else if (text.value === "") text.value = kept.text ?? "";
    const keep = () => {
      if (text.value === "") store.removeItem(key);
      else store.setItem(key, JSON.stringify({ id: id.value, text: text.value }));
    };
    text.addEventListener("input", keep);
    say.addEventListener("submit", keep);
  }
  toEnd();
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    say.requestSubmit();
  });
}
`);
