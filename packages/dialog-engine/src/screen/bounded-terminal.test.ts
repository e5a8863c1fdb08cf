import { setImmediate as nextTurn } from "node:timers/promises";
import xterm from "@xterm/headless";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recordingsOf } from "../node/recordings.fixture.ts";
import { createScreen } from "./screen.ts";

const [columns, rows] = [120, 40];
const endless = 2 ** 31 - 1;

/** The screen of this output on a terminal without limits. */
const plainly = async (output: readonly string[], width = columns, height = rows): Promise<string[]> => {
  const plain = new xterm.Terminal({ cols: width, rows: height, scrollback: 0, allowProposedApi: true });
  for (const data of output) await new Promise<void>((resolve) => plain.write(data, resolve));
  const { active } = plain.buffer;
  return Array.from(
    { length: height },
    (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? "",
  );
};

const shown = async (output: readonly string[], width = columns, height = rows): Promise<string[]> => {
  const screen = createScreen(width, height);
  for (const data of output) screen.write(data);
  while (screen.isBusy()) await nextTurn();
  return [...screen.view().rows];
};

/** The text, cut at these places. */
const cut = (text: string, places: readonly number[]): string[] => {
  const ends = [...new Set(places.map((place) => place % (text.length + 1))), text.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, at) => text.slice(ends[at - 1] ?? 0, end)).filter((piece) => piece !== "");
};

const filled = Array.from({ length: rows }, (_, row) => `\x1b[${row + 1}Hrow ${row} \t|\t|`).join("");

describe("a huge count", () => {
  const counted = [
    { final: "S", most: rows },
    { final: "T", most: rows },
    { final: "L", most: rows },
    { final: "M", most: rows },
    { final: "I", most: columns },
    { final: "Z", most: columns },
    { final: "b", most: columns * rows },
  ];
  const forms = [
    { form: "as it is", of: (count: number, final: string) => `\x1b[${count}${final}` },
    { form: "with the 8-bit CSI", of: (count: number, final: string) => `\x9b${count}${final}` },
    {
      form: "with more parameters",
      of: (count: number, final: string) => `\x1b[${count};7:3;${count}${final}`,
    },
    { form: "with a bell inside", of: (count: number, final: string) => `\x1b\x07[\x07${count}\x07${final}` },
  ];
  const cases = counted.flatMap((one) => forms.map((form) => ({ ...one, ...form })));

  test.each(cases)("of CSI $final, $form, has the effect of a screenful", async ({ final, most, of }) => {
    const before = `${filled}\x1b[5;20r\x1b[10;9Hx`;
    const ours = `${before}${of(endless, final)}here`;
    const expected = await plainly([`${before}${of(most, final)}here`]);
    expect(await shown([ours])).toEqual(expected);
    expect(await shown([...ours])).toEqual(expected);
  });
});

const number = fc.oneof(fc.nat(8), fc.nat(200), fc.constantFrom(endless, endless + 1, 10 ** 30, 65_536));
const parameters = fc
  .array(fc.tuple(number, fc.constantFrom(";", ":", ";;", "")), { maxLength: 40 })
  .map((parts) => parts.map(([value, separator]) => `${value}${separator}`).join(""));
const introducer = fc.constantFrom("\x1b[", "\x1b[", "\x1b[", "\x9b", "\x1b[?", "\x1b[>", "\x1b[=", "\x1b[<");
const between = fc.constantFrom("", "", "", "", " ", "!", '"', "$", "'", "#", "*", "+", "- ");
const anyFinal = fc.nat(0x7e - 0x40).map((code) => String.fromCharCode(0x40 + code));
const csi = fc.tuple(introducer, parameters, between, anyFinal).map((parts) => parts.join(""));
const escape = fc
  .tuple(between, fc.nat(0x7e - 0x30))
  .map(([middle, code]) => `\x1b${middle}${String.fromCharCode(0x30 + code)}`);
const payload = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc
    .tuple(fc.constantFrom(";", "?;", "1;?;", ":", "é", "id=a:"), fc.nat(1_500))
    .map(([part, count]) => part.repeat(count)),
);
const command = fc
  .tuple(
    fc.constantFrom("\x1b]", "\x9d", "\x1bP", "\x90", "\x1b_", "\x1b^", "\x1bX"),
    fc.oneof(
      fc.constantFrom("0;", "4;", "8;;", "8;id=x;", "10;", "11;", "52;c;", "104;", "$q", "q", "1;2;3q"),
      number,
    ),
    payload,
    fc.constantFrom("\x07", "\x1b\\", "\x9c", "\x18"),
  )
  .map((parts) => parts.join(""));
const anySequence = fc.oneof({ arbitrary: csi, weight: 8 }, escape, command);

describe("any escape sequence", () => {
  test("is drawn at once, and the terminal still works", { tags: ["slow"] }, () => {
    const screen = createScreen(columns, rows);
    screen.onReply(() => {});
    fc.assert(
      fc.property(anySequence, (sequence) => {
        screen.write(`${filled}\x1b[2;30r\x1b[7;7Hxyz`);
        screen.write(sequence);
        expect(screen.isBusy()).toBe(false);
        screen.write("\x18\x1bc\x1b[3;4Hstill here");
        expect(screen.view().rows[2]).toBe("   still here");
      }),
    );
  });
});

describe("ordinary output", () => {
  const small = fc.nat(90).map((count) => (count > 45 ? "" : String(count)));
  const move = fc
    .tuple(fc.constantFrom("\x1b[", "\x9b"), small, fc.constantFrom(..."@ABCDEFGHIJKLMPSTXZ`abdef"))
    .map((parts) => parts.join(""));
  const mode = fc.constantFrom(
    ...[
      "\x1b[?1049h",
      "\x1b[?1049l",
      "\x1b[?47h",
      "\x1b[?6h",
      "\x1b[?6l",
      "\x1b[?7l",
      "\x1b[?7h",
      "\x1b[4h",
      "\x1b[4l",
    ],
    ...[
      "\x1b[5;12r",
      "\x1b[r",
      "\x1b7",
      "\x1b8",
      "\x1bM",
      "\x1bD",
      "\x1bE",
      "\x1bH",
      "\x1b[3g",
      "\x1b#8",
      "\x1bc",
    ],
    ...[
      "\x1b[3 @",
      "\x1b[3 A",
      "\x1b[3'}",
      "\x1b[3'~",
      "\x1b[31m",
      "\x1b[0m",
      "\x1b]0;title\x07",
      "\x1b]8;;http://a\x07",
    ],
  );
  const text = fc.constantFrom(
    "Do you trust?",
    "❯ 1. Yes",
    "构建",
    "👩‍💻",
    "é",
    "\r\n",
    "\n",
    "\t",
    "\b",
    "─".repeat(150),
  );
  const output = fc.array(fc.oneof(text, move, move, mode), { maxLength: 60 }).map((parts) => parts.join(""));

  test(
    "shows the same screen as on a terminal without limits, for any split",
    { tags: ["slow"] },
    async () => {
      await fc.assert(
        fc.asyncProperty(output, fc.array(fc.nat(2_000), { maxLength: 12 }), async (data, places) => {
          expect(await shown(cut(data, places), 40, 14)).toEqual(await plainly([data], 40, 14));
        }),
      );
    },
  );

  const recordings = ["claude", "codex", "copilot", "gemini", "kimi", "pi", "qwen"].flatMap((provider) =>
    recordingsOf(provider).map(({ file, cast }) => ({ file, cast })),
  );

  test.each(recordings)(
    "of $file shows the same screen as on a terminal without limits",
    { tags: ["slow"] },
    async ({ cast }) => {
      const { width, height } = cast.header;
      const said = cast.events.flatMap(([, kind, data]) => (kind === "o" ? [data] : []));
      const places = fc.sample(fc.array(fc.nat(10 ** 6), { maxLength: 50 }), 3);
      const expected = await plainly(said, width, height);
      for (const split of places)
        expect(await shown(cut(said.join(""), split), width, height)).toEqual(expected);
    },
  );
});

describe("a string that does not end", () => {
  test.each([
    { what: "a title", start: "\x1b]0;", end: "\x07" },
    { what: "colours", start: "\x1b]4;", end: "\x1b\\" },
    { what: "8-bit colours", start: "\x9d4;", end: "\x9c" },
    { what: "settings", start: "\x1bP$q", end: "\x1b\\" },
    { what: "graphics", start: "\x1bP1;2q", end: "\x9c" },
    { what: "graphics that are cancelled", start: "\x1bP1;2q", end: "\x18" },
  ])("is not drawn, but the output after it is: $what", ({ start, end }) => {
    const screen = createScreen();
    screen.onReply(() => {});
    screen.write(`before${start}`);
    for (let part = 0; part < 100; part += 1) screen.write("a;b".repeat(1_000));
    screen.write(`${end}, after`);
    expect(screen.view().rows[0]).toBe("before, after");
  });
});

describe("a storm", () => {
  test.each([
    { what: "resets", unit: "\x1bc" },
    { what: "scrolling", unit: "\x1b[40S" },
    { what: "repeated characters", unit: "x\x1b[4800b" },
    { what: "alternate screens", unit: "\x1b[?1049h\x1b[?1049l" },
    { what: "erasing", unit: "\x1b[2J" },
    { what: "columns", unit: "\x1b[9'}" },
    { what: "line feeds in a region", unit: "\n" },
  ])("of $what lets others have their turn", { tags: ["slow"] }, async ({ unit }) => {
    const screen = createScreen();
    let turns = 0;
    screen.write(`\x1b[2;39r\x1b[39H${unit.repeat(40_000 / unit.length / (unit === "\n" ? 0.5 : 1))}`);
    while (screen.isBusy()) {
      await nextTurn();
      turns += 1;
    }
    expect(turns).toBeGreaterThan(3);
  });

  test("of combining marks takes no more memory than a few of them", () => {
    const screen = createScreen();
    for (let part = 0; part < 10; part += 1)
      screen.write(`${part === 0 ? "e" : ""}${"\u0301".repeat(2_000)}`);
    expect(screen.view().rows.join("").length).toBeLessThan(10_000);
  });
});
