import { html, raw } from "hono/html";
import { escapeToBuffer } from "hono/utils/html";

/** HTML whose texts are escaped. */
export type Html = ReturnType<typeof html>;

/** Text of a page as it is in HTML. */
export const escaped = (text: Html | string): string => {
  if (typeof text !== "string") return String(text);
  const buffer: [string] = [""];
  escapeToBuffer(text, buffer);
  return buffer[0];
};

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}" />`;

/** A time, in UTC. The script says how long ago that was, with the exact time of the reader's zone on hover. */
export const timeOf = (iso: string): Html => {
  const at = escaped(iso);
  return raw(`<time datetime="${at}" title="${at}">${escaped(minuteOf(iso))}</time>`);
};

/** The time until which something lasts. The script says how much is left. */
export const untilOf = (iso: string): Html =>
  html`<time class="left" datetime="${iso}" title="${iso}">until ${minuteOf(iso)}</time>`;

/** The time since which something lasts. The script says how long that is. */
export const sinceOf = (iso: string): Html =>
  html`<time class="since" datetime="${iso}" title="${iso}">since ${minuteOf(iso)}</time>`;

/** A time of a log, to the second, in UTC. */
export const exactTimeOf = (iso: string): string => `${iso.slice(0, 19).replace("T", " ")} UTC`;

const minuteOf = (iso: string): string => `${iso.slice(0, 16).replace("T", " ")} UTC`;

/** Characters of an id that are shown: as many as `ncl` needs of most. */
const shortId = 11;

/** The beginning of an id. The whole one is shown on hover, and the script adds a button that copies it. */
export const idOf = (id: string): Html =>
  html`<span class="id" title="${id}" data-copy="${id}"
    >${id.length <= shortId + 2 ? id : `${id.slice(0, shortId)}…`}</span
  >`;

/** How something is: well, it waits for a person, it failed, or nothing happens. */
export type Tone = "ok" | "wait" | "bad" | "off";

/** A state as a word, with a dot whose form and colour say the same. */
export const stateOf = (tone: Tone, word: string): Html => html`<span class="state ${tone}">${word}</span>`;

/** What was done, or why nothing was. */
export const said = (text: string, isRefused = false): Html =>
  html`<p class="${isRefused ? "said refused" : "said"}" role="status">${text}</p>`;

/** What a page says in place of what is not there yet. */
export const emptyOf = (text: Html | string): Html => html`<p class="empty">${text}</p>`;

const counts = new Intl.NumberFormat("en");

/** `20,000` */
export const countText = (count: number): string => counts.format(count);

/** `1 session`, `3 sessions` */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;

/** Links to other spans of the same page. */
export const tabsOf = (
  label: string,
  tabs: readonly { readonly path: string; readonly title: string; readonly isHere: boolean }[],
): Html =>
  html`<nav class="tabs" aria-label="${label}">
    ${tabs.map(
      ({ path, title, isHere }) =>
        html`<a href="${path}" ${isHere ? html`aria-current="page"` : ""}>${title}</a>`,
    )}
  </nav>`;
