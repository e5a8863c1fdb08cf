import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import type { SignedIn } from "../sign-ins.ts";
import { hidden, said, timeOf, type Html } from "./page.ts";
import { valueOf, type Row } from "./tables.ts";

/** The answers of the commands that the page of a group shows. */
export type GroupAnswers = Readonly<Record<"group" | "config" | "history", ResponseFrame>>;

/** A group: its configuration, and the generations of it, each of which can be restored. */
export const groupPage = ({ group, config, history }: GroupAnswers, { formToken }: SignedIn): Html => {
  if (!group.ok) return said(group.error.message, true);
  const { id, name } = group.data as Row;
  return html`<h1>${valueOf(name)}</h1>
    ${config.ok ? fieldsOf(config.data as Row) : said(config.error.message, true)}
    <h2>Generations</h2>
    ${
      history.ok
        ? html`<ol reversed>
            ${(history.data as readonly Row[]).map((row, index) =>
              generationOf(row, { id: String(id), formToken, isNow: index === 0 }),
            )}
          </ol>`
        : said(history.error.message, true)
    }`;
};

/** The configuration: first what was set, with where it comes from, then what has its default value. */
const fieldsOf = ({ provenance, ...row }: Row): Html => {
  const sources = (provenance ?? {}) as Readonly<Record<string, string>>;
  const entries = Object.entries(row).filter(([, value]) => !isEmpty(value));
  const isDefault = ([name]: readonly [string, unknown]): boolean => sources[name] === "default";
  const source = (name: string): Html | string =>
    sources[name] === undefined ? "" : html` <span class="quiet">(${sources[name]})</span>`;
  const list = (shown: readonly (readonly [string, unknown])[]): Html =>
    html`<dl>
      ${shown.map(
        ([name, value]) =>
          html`<dt>${name.replaceAll("_", " ")}</dt>
            <dd>${valueOf(value)}${source(name)}</dd>`,
      )}
    </dl>`;
  return html`${list(entries.filter((entry) => !isDefault(entry)))}
    <details>
      <summary>With their default value</summary>
      ${list(entries.filter(isDefault))}
    </details>`;
};

const isEmpty = (value: unknown): boolean =>
  value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);

const generationOf = (
  { generation, changed_at: at, changed_by: by, reason }: Row,
  { id, formToken, isNow }: { readonly id: string; readonly formToken: string; readonly isNow: boolean },
): Html =>
  html`<li value="${String(generation)}">
    ${typeof at === "string" ? timeOf(at) : ""} by ${valueOf(by)}: ${valueOf(reason)}
    ${
      isNow
        ? html`<span class="quiet">(in force)</span>`
        : html`<form method="post" action="/groups/${encodeURIComponent(id)}/rollback">
            ${hidden("form", formToken)}${hidden("to", String(generation))}
            <button>Restore generation ${String(generation)}</button>
          </form>`
    }
  </li>`;
