import { describe, expect, test } from "vitest";
import { script } from "./script.ts";
import { style } from "./style.ts";
import { colours, type Colours } from "./tokens.ts";

test.each([
  { what: "the stylesheet", text: style, most: 12_000 },
  { what: "the script", text: script, most: 8_000 },
])("$what has at most $most bytes", ({ text, most }) => {
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
});

test("the stylesheet has each colour from the tokens alone, but for the screen of an agent", () => {
  const [, ...rules] = style.split("*{box-sizing");
  const own = rules.join("").replaceAll(/\.(?:screen|c\d|faint|inverse)\{[^}]*\}/g, "");
  expect(own.match(/#[\da-f]{3,8}\b/gi)).toBeNull();
});

test.each(["http:", "https:", "@import", "url("])(
  "the stylesheet has no %s: nothing comes from elsewhere",
  (text) => {
    expect(style).not.toContain(text);
  },
);

type Rgb = readonly [number, number, number];

/** Each channel from 0 to 1, linear. */
const linear = (hex: string): Rgb => {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
};

const luminance = ([red, green, blue]: Rgb): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

/** As WCAG 2.2 has it. */
const contrast = (one: string, other: string): number => {
  const [dark = 0, light = 0] = [luminance(linear(one)), luminance(linear(other))].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

/** How a person with one kind of cone missing sees a colour: Machado, Oliveira and Fernandes 2009, at full severity. */
const sights = {
  "all colours": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const satisfies Readonly<Record<string, readonly Rgb[]>>;

/** CIE L*a*b*, D65. */
const lab = ([red, green, blue]: Rgb): Rgb => {
  const root = (value: number): number =>
    value > 0.008856 ? Math.cbrt(value) : 7.787 * Math.max(0, value) + 16 / 116;
  const x = root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
  const y = root(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};

const seen = (hex: string, sight: keyof typeof sights): Rgb => {
  const colour = linear(hex);
  const rows: readonly Rgb[] = sights[sight];
  const [red, green, blue] = rows.map((row: Rgb) =>
    row.reduce<number>((sum, factor, at) => sum + factor * (colour[at] ?? 0), 0),
  );
  return lab([red ?? 0, green ?? 0, blue ?? 0]);
};

const states = ["ok", "wait", "bad", "off"] as const;
const grounds = ["ground", "paper", "soft"] as const;

describe.each(Object.entries(colours))("the colours of %s", (_mode, mode: Colours) => {
  const texts: readonly (readonly [text: keyof Colours, ground: keyof Colours])[] = [
    ...([...states, "ink", "quiet", "link"] as const).flatMap((text) =>
      grounds.map((ground) => [text, ground] as const),
    ),
    ["ok", "okbg"],
    ["wait", "waitbg"],
    ["bad", "badbg"],
    ["ink", "okbg"],
    ["ink", "badbg"],
    ["onfill", "fill"],
  ];
  test.each(texts)("let %s be read on %s: 4.5:1", (text, ground) => {
    expect(contrast(mode[text], mode[ground])).toBeGreaterThanOrEqual(4.5);
  });

  test.each(grounds)("let the edge of what takes input be seen on %s: 3:1", (ground) => {
    expect(contrast(mode.edge, mode[ground])).toBeGreaterThanOrEqual(3);
  });

  const pairs = states.flatMap((one, at) => states.slice(at + 1).map((other) => [one, other] as const));
  test.each(
    Object.keys(sights).flatMap((sight) =>
      pairs.map((pair) => [sight as keyof typeof sights, ...pair] as const),
    ),
  )("keep the states apart for a reader with %s: %s and %s", (sight, one, other) => {
    const [a, b] = [seen(mode[one], sight), seen(mode[other], sight)];
    expect(Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)))).toBeGreaterThanOrEqual(12);
  });
});
