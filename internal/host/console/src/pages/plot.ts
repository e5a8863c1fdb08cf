import { html } from "hono/html";
import type { Html } from "./parts.ts";

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
  /** A value at the axis, in few characters. */
  readonly shortOf: (value: number) => string;
};

/** The size of the drawing, and the edges of the bars in it. */
const [width, height, left, right, top, bottom] = [480, 170, 48, 456, 16, 142];

/** Draws bars over an axis with values, and a line at the limit. Its caption and its description say the same in words. */
export const plotOf = ({ id, title, days, limit, textOf, shortOf }: Plot): Html => {
  const highest = days.reduce((most, one) => (one.value > most.value ? one : most), { day: "", value: 0 });
  const steps = stepsTo(Math.max(highest.value, limit ?? 0));
  const scale = steps.at(-1) ?? 1;
  const y = (value: number): number => rounded(bottom - (value / scale) * (bottom - top));
  const step = (right - left) / Math.max(1, days.length);
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
      ${steps.map(
        (value) =>
          html`<path class="${value === 0 ? "axis" : "grid"}" d="M${left} ${y(value)}H${right}" />
            <text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${shortOf(value)}</text>`,
      )}
      <g class="bars">
        ${days
          .map(({ value }, index) => ({ value, x: left + index * step }))
          .filter(({ value }) => value > 0)
          .map(
            ({ value, x }) =>
              html`<rect
                x="${rounded(x + step * 0.12)}"
                y="${y(value)}"
                width="${rounded(step * 0.76)}"
                ${limit !== null && value > limit ? html`class="over"` : ""}
                height="${rounded(bottom - y(value))}"
                rx="1.5"
              />`,
          )}
      </g>
      ${
        limit === null
          ? ""
          : html`<path class="limit" d="M${left} ${y(limit)}H${right}" />
              <text class="limit-text" x="${right}" y="${y(limit) - 4}" text-anchor="end">limit</text>`
      }
      ${daysShown(days.length).map(
        (index) =>
          html`<text x="${rounded(left + (index + 0.5) * step)}" y="${bottom + 18}" text-anchor="middle">
            ${dayText(days[index]?.day ?? "")}
          </text>`,
      )}
    </svg>
  </figure>`;
};

/** Round values from 0 to at least `highest`: three or four of them. */
export const stepsTo = (highest: number): readonly number[] => {
  if (highest <= 0) return [0];
  const rough = highest / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  return Array.from({ length: Math.ceil(highest / step - 1e-9) + 1 }, (_, index) => index * step);
};

/** The places of the days that have their date at the axis: about six. */
const daysShown = (count: number): readonly number[] => {
  const every = Math.max(1, Math.ceil(count / 6));
  return Array.from({ length: count }, (_, index) => index).filter(
    (index) => (count - 1 - index) % every === 0,
  );
};

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `29 Nov` */
const dayText = (day: string): string =>
  `${Number(day.slice(8))} ${months[Number(day.slice(5, 7)) - 1] ?? ""}`;

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
