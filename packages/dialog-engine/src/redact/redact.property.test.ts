import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redactCast, redactText } from "./redact.ts";

/** Box characters and escape sequences as real programs print them. */
const sequences = [
  "\u001b[1m",
  "\u001b[38;5;246m",
  "\u001b[?25l",
  "\u001b[3;7H",
  "\u001b[12G",
  "\u001b[2C",
  "\u001b[K",
  "\u001b(B",
  "\u001b7",
  "\u009b0m",
  "\u001b]0;a title\u0007",
  "\u001b]8;;https://example.org\u001b\\",
  "\u001bP+q\u001b\\",
] as const;

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const oneOf = (characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.nat({ max: characters.length - 1 }), { minLength, maxLength, size: "max" })
    .map((places) => places.map((at) => characters[at] ?? "").join(""));

/** One character of a rendering: of the secret, or of the text around it. */
type Cell = { readonly text: string; readonly isSecret: boolean };

const around = (text: string): Cell[] => [...text].map((each) => ({ text: each, isSecret: false }));

/** The way a secret is drawn, and the places where the output is cut into pieces. */
type Rendering = {
  readonly width: number;
  readonly isBoxed: boolean;
  readonly indent: number;
  readonly lead: string;
  readonly ending: string;
  readonly lineBreak: string;
  readonly escapes: readonly { readonly at: number; readonly sequence: string }[];
  readonly cuts: readonly number[];
};

const rendering: fc.Arbitrary<Rendering> = fc.record({
  width: fc.integer({ min: 1, max: 40 }),
  isBoxed: fc.boolean(),
  indent: fc.nat({ max: 4 }),
  lead: fc.constantFrom("", "key ", "KEY: ", "❯ 1. "),
  ending: fc.constantFrom("", "…", "...", " end"),
  lineBreak: fc.constantFrom("\n", "\r\n", "\r\r\n"),
  escapes: fc.array(fc.record({ at: fc.nat({ max: 200 }), sequence: fc.constantFrom(...sequences) }), {
    maxLength: 30,
  }),
  cuts: fc.array(fc.nat({ max: 400 }), { maxLength: 12 }),
});

/** The shown part of a secret in rows, with escapes anywhere between its characters. */
const draw = (
  shown: string,
  { width, isBoxed, indent, lead, ending, lineBreak, escapes }: Rendering,
): Cell[] => {
  const cells = [...around(lead), ...[...shown].map((text) => ({ text, isSecret: true })), ...around(ending)];
  const rows: Cell[] = [];
  for (let from = 0; from < cells.length; from += width) {
    const row = cells.slice(from, from + width);
    const padding = " ".repeat(width - row.length);
    rows.push(
      ...around(isBoxed ? "│ " : " ".repeat(indent)),
      ...row,
      ...around(`${isBoxed ? `${padding} │` : ""}${lineBreak}`),
    );
  }
  for (const { at, sequence } of escapes)
    rows.splice(at % rows.length, 0, { text: sequence, isSecret: false });
  return rows;
};

/** The longest readable run of a secret's characters, and whether all other text is unchanged. */
const readable = (cells: readonly Cell[], { cuts }: Rendering, secrets: readonly string[]) => {
  const text = cells.map((cell) => cell.text).join("");
  const places = [0, ...cuts.map((at) => at % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  const events = places.slice(1).map((end, at) => [at, "o", text.slice(places[at], end)] as const);
  const redacted = redactCast({ header: { version: 2, width: 80, height: 24 }, events }, secrets);
  const output = redacted.events.map(([, , data]) => data).join("");
  expect(output).toHaveLength(text.length);
  let [at, run, longest] = [0, 0, 0];
  let isKept = true;
  for (const cell of cells) {
    const now = output.slice(at, at + cell.text.length);
    at += cell.text.length;
    if (!cell.isSecret) isKept &&= now === cell.text || /^[\w.:…]$/u.test(cell.text);
    else run = now === "*" ? 0 : run + 1;
    longest = Math.max(longest, run);
  }
  return { longest, isKept };
};

describe("a random secret in a random rendering", () => {
  test("is masked completely if it was given, and the text around it stays", () => {
    const secrets = fc
      .tuple(oneOf(letters, 1, 1), oneOf(`${letters}_-./+=:@#$%&!`, 11, 60))
      .map((s) => s.join(""))
      // The scheme of an address stays; redact-leaks.test.ts tests that.
      .filter((s) => !s.includes("://"));
    fc.assert(
      fc.property(secrets, rendering, (secret, how) => {
        expect(readable(draw(secret, how), how, [secret])).toEqual({ longest: 0, isKept: true });
      }),
    );
  });

  test("is masked if at least twelve of its characters are shown", () => {
    const part = fc.tuple(oneOf(letters, 30, 60), fc.nat({ max: 18 }), fc.integer({ min: 12, max: 60 }));
    fc.assert(
      fc.property(part, rendering, ([secret, from, size], how) => {
        const shown = secret.slice(from, from + size);
        expect(readable(draw(shown, how), how, [secret])).toEqual({ longest: 0, isKept: true });
      }),
    );
  });

  test("is masked in base64, with any text encoded around it", () => {
    const beside = fc.string({ unit: "binary", maxLength: 9 });
    fc.assert(
      fc.property(oneOf(letters, 16, 60), beside, beside, fc.boolean(), (secret, before, after, isUrl) => {
        const bytes = Buffer.from(before + secret + after);
        const text = bytes.toString(isUrl ? "base64url" : "base64");
        const redacted = redactText(text, [secret]);
        const [from, to] = [Buffer.byteLength(before), Buffer.byteLength(before + secret)];
        const inside = redacted.slice(Math.ceil((from * 4) / 3), Math.floor((to * 4) / 3));
        expect(inside.replaceAll("*", "").length).toBeLessThan(3);
      }),
    );
  });

  test("shows less than twelve characters in a row if it was not given but has a known shape", () => {
    const isColour = (sequence: string): boolean => /m$/u.test(sequence);
    fc.assert(
      fc.property(oneOf(letters, 20, 60), rendering, (random, how) => {
        const escapes = how.escapes.filter(({ sequence }) => isColour(sequence));
        const sober = { ...how, escapes, lead: "", width: how.width + 11 };
        // A row of only letters may be a word.
        const token = `ghp_${random.replace(/.{5}/gu, "$&7")}`;
        expect(readable(draw(token, sober), sober, []).longest).toBeLessThan(12);
      }),
    );
  });
});

test("redactText keeps the length and the control characters of any text", () => {
  const texts = fc
    .array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...sequences)))
    .map((t) => t.join(""));
  fc.assert(
    fc.property(texts, fc.array(fc.string({ unit: "binary" })), fc.string(), (text, secrets, home) => {
      const redacted = redactText(text, secrets, home);
      expect(redacted).toHaveLength(text.length);
      expect(redacted.match(/\p{Cc}/gu)).toEqual(text.match(/\p{Cc}/gu));
    }),
  );
});

describe("redactText and long texts", () => {
  const secrets = ["a".repeat(40), "\u001b[".repeat(20), "q7".repeat(20)];

  test.each([
    "a.",
    "a-b@",
    "eyJ-",
    "https://",
    "sk_",
    "\u001b[",
    "\u001b]",
    "\u009d",
    "1;",
    "…",
    "a",
    "q",
    " ",
    "│ ",
    "\n",
    "\n \n│",
    "a=",
    "a:",
    "cookie:",
    "q7\n",
    "/home/ann",
    "ghp_",
    "authorization:",
  ])("the time for a long run of %j grows linearly with its length", (piece) => {
    const text = piece.repeat(Math.ceil(200_000 / piece.length));
    redactText(text, secrets, "/home/ann");
  });
});
