import { html } from "hono/html";
import { hidden, type Html } from "./parts.ts";

/** A filter of a page, which its address sets. */
export type Filter = {
  readonly name: string;
  readonly label: string;
  /** What may be chosen, by the values in the address; without them the filter is a text. */
  readonly options?: readonly (readonly [value: string, label: string])[];
  /** What a text looks like. */
  readonly example?: string;
};

/** A form that sets the filters of a page. `values` are those of the address. */
export const filterForm = (
  path: string,
  filters: readonly Filter[],
  values: Readonly<Record<string, string>>,
  /** What the address keeps. */
  kept: Readonly<Record<string, string>> = {},
): Html =>
  html`<form class="filters" method="get" action="${path}">
    ${Object.entries(kept).map(([name, value]) => hidden(name, value))}
    ${filters.map((filter) => {
      const value = values[filter.name] ?? "";
      return html`<label>${filter.label} ${inputOf(filter, value)}</label>`;
    })}
    <button>Show</button>
  </form>`;

const inputOf = ({ name, options, example = "" }: Filter, value: string): Html => {
  if (options === undefined)
    return html`<input
      type="text"
      name="${name}"
      value="${value}"
      placeholder="${example}"
      autocomplete="off"
    />`;
  // An address may have a value that the list lacks.
  const known = options.some(([one]) => one === value) ? options : [...options, [value, value] as const];
  return html`<select name="${name}">
    ${known.map(
      ([one, label]) => html`<option value="${one}" ${one === value ? html`selected` : ""}>${label}</option>`,
    )}
  </select>`;
};
