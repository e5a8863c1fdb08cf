import { html } from "hono/html";
import type { Html } from "./page.ts";

/** A plot of one amount on consecutive days. */
export type Plot = {
  /** Unique on its page. */
  readonly id: string;
  readonly title: string;
  /** In the order of the days. */
  readonly days: readonly { readonly day: string; readonly value: number }[];
  /** The limit of a day; null without one. */
  readonly limit: number | null;
  readonly textOf: (value: number) => string;
};

/** The size of the drawing, and the edges of the bars in it. */
const [width, height, top, bottom] = [400, 130, 6, 108];

/** Draws bars, and a line at the limit. Its caption and its description say the same in words. */
export const plotOf = ({ id, title, days, limit, textOf }: Plot): Html => {
  const highest = days.reduce((most, one) => (one.value > most.value ? one : most), { day: "", value: 0 });
  const scale = Math.max(highest.value, limit ?? 0);
  const y = (value: number): number => bottom - (scale === 0 ? 0 : (value / scale) * (bottom - top));
  const step = width / Math.max(1, days.length);
  const [first, last] = [days[0]?.day ?? "", days.at(-1)?.day ?? ""];
  const limited = limit === null ? "" : ` The limit of a day is ${textOf(limit)}.`;
  const described =
    highest.value === 0
      ? `Nothing from ${first} to ${last}.${limited}`
      : `From ${first} to ${last}. The highest is ${textOf(highest.value)}, on ${highest.day}.${limited}`;
  return html`<figure>
    <figcaption>${title}<span class="quiet">: ${captionOf(highest, limit, textOf)}</span></figcaption>
    <svg class="plot" role="img" viewBox="0 0 ${width} ${height}" aria-labelledby="${id}-title ${id}-desc">
      <title id="${id}-title">${title}</title>
      <desc id="${id}-desc">${described}</desc>
      <g class="bars">
        ${days
          .map(({ value }, index) => ({ value, x: index * step }))
          .filter(({ value }) => value > 0)
          .map(
            ({ value, x }) =>
              html`<rect
                x="${rounded(x + step * 0.1)}"
                y="${rounded(y(value))}"
                width="${rounded(step * 0.8)}"
                height="${rounded(bottom - y(value))}"
              />`,
          )}
      </g>
      <path class="axis" d="M0 ${bottom}H${width}" />
      ${limit === null ? "" : html`<path class="limit" d="M0 ${rounded(y(limit))}H${width}" />`}
      <text x="0" y="${bottom + 16}">${first}</text>
      <text x="${width}" y="${bottom + 16}" text-anchor="end">${last}</text>
    </svg>
  </figure>`;
};

const captionOf = (
  { day, value }: { readonly day: string; readonly value: number },
  limit: number | null,
  textOf: Plot["textOf"],
): string =>
  [
    value === 0 ? "nothing" : `highest ${textOf(value)}, on ${day}`,
    ...(limit === null ? [] : [`limit ${textOf(limit)} a day`]),
  ].join("; ");

const rounded = (length: number): number => Math.round(length * 10) / 10;
