import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { SignedIn } from "../sign-ins.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

/** HTML whose texts are escaped. */
export type Html = ReturnType<typeof html>;

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** The policy of every page: our stylesheet and our script by their hashes, and nothing from elsewhere. */
export const pagePolicy: string = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "connect-src 'self'",
  "img-src data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Each tag as one text: a space more in it would change its hash. */
const [styleTag, scriptTag] = [
  raw(`<style>${style}</style>`),
  raw(`<script type="module">${script}</script>`),
];

/** The pages with a link in the head of each page, in their order. */
export const sections: readonly {
  readonly path: string;
  readonly title: string;
  /** The operator alone may use the commands of the page. */
  readonly isOfOperator?: true;
}[] = [
  { path: "/waiting", title: "Waiting" },
  { path: "/talk", title: "Talk" },
  { path: "/groups", title: "Groups", isOfOperator: true },
  { path: "/sessions", title: "Sessions", isOfOperator: true },
  { path: "/agents", title: "Agents", isOfOperator: true },
  { path: "/people", title: "People", isOfOperator: true },
  { path: "/usage", title: "Usage", isOfOperator: true },
  { path: "/decisions", title: "Decisions", isOfOperator: true },
  { path: "/health", title: "Health", isOfOperator: true },
];

export type PageOptions = {
  readonly title: string;
  /** The path of the section that the page belongs to. */
  readonly section?: string;
  readonly signedIn: SignedIn | null;
  /** The number beside the title and in the icon. */
  readonly count?: number;
  /** The topic of the events after which the page is read anew. */
  readonly live?: string;
  readonly body: Html | readonly Html[];
};

/** A whole page. */
export const page = ({ title, section, signedIn, count = 0, live, body }: PageOptions): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${count > 0 ? `(${count}) ` : ""}${title} - Gatehouse</title>
        <link rel="icon" href="${iconOf(count)}" />
        ${styleTag}
      </head>
      <body>
        <header>
          ${signedIn === null ? html`<strong>Gatehouse</strong>` : navigation(section, signedIn)}
        </header>
        ${signedIn === null ? "" : troubles}
        <main ${live === undefined ? "" : html`data-live="${live}"`}>
          ${live === undefined ? "" : news} ${body}
        </main>
        ${scriptTag}
      </body>
    </html>`;

/** Shown while an open page cannot be read anew. They are above the part of the page that is live. */
const troubles: Html = html`<div class="trouble" role="status">
  <p id="lost" class="said refused" hidden>
    Not connected to the host: what you see may be old. This page tries again by itself, and keeps what you
    have typed.
  </p>
  <p id="out" class="said refused" hidden>
    Your sign-in has ended: what you see may be old. <a href="/sign-in">Sign in</a>; a message that you have
    typed stays.
  </p>
</div>`;

/** Shown in place of what is new while the person types. It is in the part of the page that is live. */
export const news: Html = html`<p id="news" class="said" role="status" hidden>
  Something has changed since this page was read. <a href="">Read it anew</a>; what you have typed is lost
  then.
</p>`;

const navigation = (section: string | undefined, { userId, formToken }: SignedIn): Html =>
  html`<nav aria-label="Pages">
      ${sections
        .filter(({ isOfOperator }) => userId === null || isOfOperator !== true)
        .map(({ path, title }) =>
          path === section
            ? html`<a href="${path}" aria-current="page">${title}</a>`
            : html`<a href="${path}">${title}</a>`,
        )}
    </nav>
    <span class="quiet">${userId ?? "operator"}</span>
    <form method="post" action="/sign-out">${hidden("form", formToken)}<button>Sign out</button></form>`;

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}" />`;

/** A time, in UTC; the script shows it in the reader's zone. */
export const timeOf = (iso: string): Html =>
  html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;

/** What was done, or why nothing was. */
export const said = (text: string, isRefused = false): Html =>
  html`<p class="${isRefused ? "said refused" : "said"}" role="status">${text}</p>`;

/** A door, with the number of what waits. */
const iconOf = (count: number): string => {
  const number = count === 0 ? "" : count > 99 ? "99" : String(count);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="6" y="2" width="20" height="28" rx="3" fill="${count === 0 ? "#4a6b57" : "#a4371c"}"/><text x="16" y="22" font-family="sans-serif" font-size="15" text-anchor="middle" fill="#fff">${number}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
};
