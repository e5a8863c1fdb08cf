import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { SignedIn } from "../sign-ins.ts";
import { hidden, type Html } from "./parts.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

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

/** The person who reads a page. */
export type Reader = SignedIn & {
  /** Counts the requests that wait for them, up to one more than the badge shows. */
  readonly waits: () => Promise<number>;
};

export type PageOptions = {
  readonly title: string;
  /** The path of the section that the page belongs to. */
  readonly section?: string;
  readonly signedIn: Reader | null;
  /** The number beside the title and in the icon. */
  readonly count?: number;
  /** The topic of the events after which the page is read anew. */
  readonly live?: string;
  readonly body: Html | readonly Html[];
};

/** A whole page. `waits`: the number in the badge. */
export const page = ({ title, section, signedIn, count = 0, live, body }: PageOptions, waits: number): Html =>
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
        <header class="bar">
          <a class="mark" href="/">${mark} Gatehouse</a>
          ${signedIn === null ? "" : navigation(section, signedIn, waits)}
        </header>
        ${signedIn === null ? "" : troubles}
        <main ${live === undefined ? "" : html`data-live="${live}"`}>
          ${live === undefined ? "" : news} ${body}
        </main>
        ${scriptTag}
      </body>
    </html>`;

/** Shown while an open page cannot be read anew. They are above the part of the page that is live. */
const troubles: Html = html`<div class="trouble-bar" role="status">
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

/** The highest number in the badge; above it the badge says only that there are more. */
export const mostInBadge = 99;

const badgeOf = (waits: number): Html =>
  waits === 0 ? html`` : html`<span class="badge">${waits > mostInBadge ? `${mostInBadge}+` : waits}</span>`;

const navigation = (section: string | undefined, { userId, formToken }: Reader, waits: number): Html =>
  html`<nav aria-label="Pages">
      ${sections
        .filter(({ isOfOperator }) => userId === null || isOfOperator !== true)
        .map(
          ({ path, title }) =>
            html`<a href="${path}" ${path === section ? html`aria-current="page"` : ""}
              >${title}${path === "/waiting" ? html` <span id="waits">${badgeOf(waits)}</span>` : ""}</a
            >`,
        )}
    </nav>
    <div class="me">
      <a href="/search">Search</a>
      <span class="who">${userId ?? "operator"}</span>
      <form method="post" action="/sign-out">${hidden("form", formToken)}<button>Sign out</button></form>
    </div>`;

/** Our mark: a gate between two posts, with its door open. */
const mark: Html = raw(
  '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path fill="var(--fill)" d="M2 22V9a10 10 0 0 1 20 0v13h-4V9a6 6 0 0 0-12 0v13z"/><path fill="var(--wait)" d="M8.5 9.2 15 6.5v17l-6.5-2z"/></svg>',
) as unknown as Html;

/** A door, with the number of what waits. */
const iconOf = (count: number): string => {
  const number = count === 0 ? "" : count > 99 ? "99" : String(count);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="6" y="2" width="20" height="28" rx="3" fill="${count === 0 ? "#4a6b57" : "#a4371c"}"/><text x="16" y="22" font-family="sans-serif" font-size="15" text-anchor="middle" fill="#fff">${number}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
};
