import { html } from "hono/html";
import { visible } from "@gatehouse/std";
import type { Html } from "./parts.ts";

/** A piece of a row in one style. */
export type Span = { readonly text: string; readonly style: string };

/** A screen as text. A row has its colours if `paint`, which is not redacted, draws the same text. */
export const screenOf = (rows: readonly string[], paint: string | null): Html => {
  const drawn = paint === null ? new Map<number, readonly Span[]>() : spansIn(paint);
  return html`${rows.map((row, index) => {
    const spans = drawn.get(index) ?? [];
    const isSame = textOf(spans).trimEnd() === row.trimEnd();
    const shown = isSame ? spans : [{ text: row, style: "" }];
    return html`${shown.map(spanOf)}${"\n"}`;
  })}`;
};

const textOf = (spans: readonly Span[]): string => spans.map(({ text }) => text).join("");

const spanOf = ({ text, style }: Span): Html | string =>
  style === "" ? visible(text) : html`<span class="${style}">${visible(text)}</span>`;

/** The beginning of a row in what a holder draws: its place, the default style, an empty row. */
const rowStart = /\p{Cc}\[(\d+);1H\p{Cc}\[0m\p{Cc}\[2K/u;

/** The rows of a whole frame that a holder draws, by their numbers from 0. */
export const spansIn = (paint: string): ReadonlyMap<number, readonly Span[]> => {
  const [, ...parts] = paint.split(rowStart);
  const rows = new Map<number, readonly Span[]>();
  for (let at = 0; at + 1 < parts.length; at += 2)
    rows.set(Number(parts[at]) - 1, spansOfRow(parts[at + 1] ?? ""));
  return rows;
};

/** `\u001b[1;31mtext`, or `\u001b[3C` for three empty cells. */
const sequence = /\p{Cc}\[([\d;?]*)([A-Za-z])/u;

const spansOfRow = (row: string): readonly Span[] => {
  const [first = "", ...parts] = row.split(sequence);
  const spans: Span[] = [];
  let style = plain;
  const add = (text: string): void => {
    if (text !== "") spans.push({ text, style: classOf(style) });
  };
  add(first);
  for (let at = 0; at + 2 < parts.length; at += 3) {
    const [numbers = "", kind, text = ""] = parts.slice(at, at + 3);
    if (kind === "m") style = styled(style, numbers.split(";").map(Number));
    else if (kind === "C") add(" ".repeat(Math.min(500, Number(numbers) || 1)));
    else return spans;
    add(text);
  }
  return spans;
};

type Style = {
  /** Of the eight colours of a terminal; null for the default. */
  readonly colour: number | null;
  readonly isBold: boolean;
  readonly isFaint: boolean;
  readonly isInverse: boolean;
};

const plain: Style = { colour: null, isBold: false, isFaint: false, isInverse: false };

const classOf = ({ colour, isBold, isFaint, isInverse }: Style): string =>
  [
    ...(colour === null ? [] : [`c${colour}`]),
    ...(isBold ? ["bold"] : []),
    ...(isFaint ? ["faint"] : []),
    ...(isInverse ? ["inverse"] : []),
  ].join(" ");

const styled = (style: Style, numbers: readonly number[]): Style => {
  const [number = 0, ...rest] = numbers;
  const next = (changed: Partial<Style>, left: readonly number[] = rest): Style =>
    left.length === 0 ? { ...style, ...changed } : styled({ ...style, ...changed }, left);
  if (number === 0) return next(plain);
  if (number === 1) return next({ isBold: true });
  if (number === 2) return next({ isFaint: true });
  if (number === 7) return next({ isInverse: true });
  if (number === 22) return next({ isBold: false, isFaint: false });
  if (number === 27) return next({ isInverse: false });
  if (number >= 30 && number <= 37) return next({ colour: number - 30 });
  if (number >= 90 && number <= 97) return next({ colour: number - 90 });
  if (number === 39) return next({ colour: null });
  if (number === 38 || number === 48 || number === 58) {
    const length = rest[0] === 5 ? 2 : 4;
    const colour = number === 38 ? nearest(rest.slice(0, length)) : style.colour;
    return next({ colour }, rest.slice(length));
  }
  return next({});
};

/** The nearest of the eight colours: `5;N` of 256, or `2;R;G;B`. */
const nearest = ([kind, ...numbers]: readonly number[]): number | null => {
  const [first = 0] = numbers;
  if (kind !== 5) return nearestOf(numbers);
  if (first < 16) return first % 8;
  if (first >= 232) return nearestOf([1, 1, 1].map(() => 8 + 10 * (first - 232)));
  const cube = first - 16;
  return nearestOf([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((part) => part * 51));
};

/** A channel counts if it is bright among the others; greys are white, or black. */
const nearestOf = ([red = 0, green = 0, blue = 0]: readonly number[]): number => {
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  if (most - least < 40) return most > 96 ? 7 : 0;
  const middle = (most + least) / 2;
  return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
};
