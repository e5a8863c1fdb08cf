/**
 * The one script. Without it every page and every form works: times stay in UTC, a page is read anew by hand, and a code is
 * typed.
 */
export const script = `
const times = (within) => {
  for (const time of within.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) { time.title = time.dateTime; time.textContent = at.toLocaleString(); }
  }
};
const live = document.querySelector("[data-live]");
const say = document.querySelector("form#say");
const signOut = document.querySelector("form[action='/sign-out']");
let shown = live?.innerHTML;
times(document);
const takeCode = () => {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  const signIn = document.querySelector("form#sign-in");
  if (signIn === null || code === null) return;
  history.replaceState(null, "", location.pathname);
  signIn.elements.code.value = code;
  signIn.requestSubmit();
};
takeCode();
// A link that is opened in the tab of this page changes the fragment alone.
addEventListener("hashchange", takeCode);
const count = (page) => {
  document.title = page.title;
  const icon = page.querySelector("link[rel=icon]");
  if (icon !== null) document.querySelector("link[rel=icon]").href = icon.href;
};
const isTyping = () => [...live.querySelectorAll("input[type=text]")].some((input) => input.value !== "" || input === document.activeElement);
const keyOf = (form) => JSON.stringify([form.getBoundingClientRect().top, ...[...form.elements].map((one) => one.value + one.textContent)]);
const keys = () => new Set([...live.querySelectorAll("form")].map(keyOf));
const freshUntil = new Map();
// A form that came, moved or changed takes no press for a second: it may be meant for what was there before.
const markFresh = (before) => {
  const now = performance.now();
  for (const form of live.querySelectorAll("form")) {
    const key = keyOf(form);
    if (!before.has(key)) freshUntil.set(key, now + 1000);
    const left = (freshUntil.get(key) ?? 0) - now;
    if (left <= 0) continue;
    form.classList.add("fresh");
    setTimeout(() => form.classList.remove("fresh"), left);
  }
};
const isAtEnd = () => innerHeight + scrollY > document.documentElement.scrollHeight - 80;
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
  for (const name of ["lost", "out"]) document.getElementById(name).hidden = state !== name;
};
const take = (page) => {
  const fresh = page.querySelector("[data-live]");
  // It is the page of another person, or another kind of page.
  const isOther = page.querySelector("header").textContent !== document.querySelector("header").textContent;
  if (isOther || (fresh === null) !== (live === null)) return location.replace(location.pathname + location.search);
  // After another sign-in, the forms that stay are of the earlier one.
  const token = page.querySelector("input[name=form]").value;
  for (const input of document.querySelectorAll("input[name=form]")) input.value = token;
  if (live === null) return;
  count(page);
  if (fresh.innerHTML === shown) return;
  if (isTyping()) { document.querySelector("#news").hidden = false; return; }
  shown = fresh.innerHTML;
  const focused = document.activeElement?.id ?? "";
  const [isTalk, wasAtEnd] = [say !== null, isAtEnd()];
  const before = keys();
  const hadCard = live.querySelector(".card") !== null;
  live.replaceChildren(...fresh.childNodes);
  times(live);
  if (focused !== "") document.getElementById(focused)?.focus({ preventScroll: isTalk });
  // A card stays where its reader sees it.
  if (isTalk && wasAtEnd && !hadCard) scrollTo(0, document.documentElement.scrollHeight);
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
  const writing = document.querySelector("#writing");
  if (writing === null) return;
  const wasAtEnd = isAtEnd();
  writing.hidden = text === "";
  writing.textContent = from + ": " + text;
  if (wasAtEnd && live.querySelector(".card") === null) scrollTo(0, document.documentElement.scrollHeight);
};
// All pages of this browser share one stream, since a browser opens six connections to a host. The page with the lock has it.
const share = () => {
  const channel = new BroadcastChannel("gatehouse");
  const topic = live?.dataset.live ?? "";
  const silentMs = 8000;
  const now = () => performance.now();
  let [heard, stop] = [now(), null];
  const hear = (kind, data) => {
    heard = now();
    const isAway = ["lost", "out"].some((name) => !document.getElementById(name).hidden);
    if (kind === "lost" || (kind === "beat" && isAway)) look();
    if (data.of !== topic) return;
    if (kind === "changed") look();
    if (kind === "writing") showWriting(data);
  };
  const lead = () => {
    let [topics, opened, source, beaten, settling] = [new Set(), null, null, now(), 0];
    const tell = (kind, data = {}) => { channel.postMessage({ kind, data }); hear(kind, data); };
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
      channel.postMessage({ kind: "who" });
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
      if (kind === "who") channel.postMessage({ kind: "here", data: topic });
      else if (typeof data === "object") hear(kind, data);
    };
    channel.postMessage({ kind: "here", data: topic });
  };
  const hold = () => { stop = lead(); return new Promise(() => {}); };
  const drop = () => { stop?.(); stop = null; };
  const wait = () => { navigator.locks.request("gatehouse", hold).catch(() => { drop(); wait(); }); };
  follow();
  if (navigator.locks === undefined) return void hold();
  wait();
  setInterval(() => {
    // The page that has the stream is frozen: this one takes it.
    if (stop !== null || document.hidden || now() - heard < silentMs) return;
    heard = now();
    look();
    navigator.locks.request("gatehouse", { steal: true }, hold).catch(drop);
  }, 3000);
  addEventListener("pagehide", () => channel.postMessage({ kind: "left", data: "" }));
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
    if (form === signOut) sessionStorage.clear();
    checked = form;
    form.requestSubmit(submitter);
    checked = null;
  });
}
if (say !== null) {
  const { text, id } = say.elements;
  const key = document.querySelector("header .quiet").textContent + " " + location.pathname;
  if (id !== undefined) {
    // A message is kept until the host has taken it.
    const [kept, sent] = [JSON.parse(sessionStorage.getItem(key) ?? "{}"), new URLSearchParams(location.search).get("sent")];
    if (sent !== null) history.replaceState(null, "", location.pathname);
    if (kept.id === sent) sessionStorage.removeItem(key);
    else if (text.value === "") text.value = kept.text ?? "";
    const keep = () => {
      if (text.value === "") sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, JSON.stringify({ id: id.value, text: text.value }));
    };
    text.addEventListener("input", keep);
    say.addEventListener("submit", keep);
  }
  scrollTo(0, document.documentElement.scrollHeight);
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    say.requestSubmit();
  });
}
`;
