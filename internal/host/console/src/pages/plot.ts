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
const [width, height, top, bottom] = [400, 150, 24, 128];

/** Draws bars, and a line at the limit. The same is said in words for readers without the picture. */
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
  return html`<svg
    class="plot"
    role="img"
    viewBox="0 0 ${width} ${height}"
    aria-labelledby="${id}-title ${id}-desc"
  >
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
    ${
      limit === null
        ? ""
        : html`<path class="limit" d="M0 ${rounded(y(limit))}H${width}" />
            <text x="${width}" y="${rounded(y(limit) - 4)}" text-anchor="end">limit ${textOf(limit)}</text>`
    }
    ${
      highest.value === 0
        ? html`<text x="${width / 2}" y="${(top + bottom) / 2}" text-anchor="middle">nothing</text>`
        : html`<text x="0" y="${rounded(Math.max(12, y(highest.value) - 4))}">${textOf(highest.value)}</text>`
    }
    <text x="0" y="${bottom + 16}">${first}</text>
    <text x="${width}" y="${bottom + 16}" text-anchor="end">${last}</text>
  </svg>`;
};

const rounded = (length: number): number => Math.round(length * 10) / 10;
