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
const say = document.querySelector("form#say");
const live = document.querySelector("[data-live]");
if (live !== null) {
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
  const read = async () => {
    const answer = await fetch(location.href, { redirect: "error" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (fresh === null) return location.reload();
    count(page);
    const news = document.querySelector("#news");
    if (isTyping()) { news.hidden = false; return; }
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
  const events = new EventSource(live.dataset.live);
  events.addEventListener("changed", () => { read().catch(() => {}); });
  events.addEventListener("writing", ({ data }) => {
    const writing = document.querySelector("#writing");
    if (writing === null) return;
    const { from, text } = JSON.parse(data);
    const wasAtEnd = isAtEnd();
    writing.hidden = text === "";
    writing.textContent = from + ": " + text;
    if (wasAtEnd && live.querySelector(".card") === null) scrollTo(0, document.documentElement.scrollHeight);
  });
}
if (say !== null) {
  scrollTo(0, document.documentElement.scrollHeight);
  say.elements.text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    say.requestSubmit();
  });
}
`;
