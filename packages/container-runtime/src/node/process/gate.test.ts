import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { exitOf, makeInstallation, valueOf } from "./process-runtime.fixture.ts";

/** Texts that a shell would interpret, and lines that look like the gate's own. */
const piece = fc.oneof(
  fc.constantFrom(
    "\n",
    "\n\n",
    ".\n",
    "=A=b\n",
    "+",
    "\\",
    "'",
    '"',
    "$(id)",
    "`id`",
    "$HOME",
    "*",
    " ",
    "\t",
    "\r",
    "é",
    "\u{1F600}",
  ),
  fc.string({ unit: "grapheme-ascii", maxLength: 8 }),
);
const value = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));

test("the gate passes every environment unchanged to the program", { tags: ["slow"] }, async () => {
  const { host, node, logFile, session } = makeInstallation();
  const runtime = host();
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 40, maxLength: 60 }), async (values) => {
      const env = Object.fromEntries(values.map((text, at) => [`V_${at}`, text]));
      const file = `${session}/env`;
      const source = `require("fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.env))`;
      const exit = await exitOf(valueOf(await runtime.spawn(node(source, { env, logFile }))));
      expect(exit).toEqual({ code: 0, signal: null, lastLines: [] });
      const { GATEHOUSE_CONTAINER: mark, ...given } = JSON.parse(readFileSync(file, "utf8")) as object & {
        readonly GATEHOUSE_CONTAINER?: string;
      };
      expect([typeof mark, given]).toEqual(["string", env]);
    }),
    { numRuns: 20 },
  );
});

test("the gate passes an environment that is larger than a pipe's buffer", async () => {
  const { host, node, logFile } = makeInstallation();
  const env = Object.fromEntries([1, 2, 3].map((at) => [`BIG_${at}`, String(at).repeat(100_000)]));
  const source = `console.log(Object.entries(process.env).filter(([name]) => name.startsWith("BIG_")).map(([, text]) => text.length).join())`;
  await exitOf(valueOf(await host().spawn(node(source, { env }))));
  expect(readFileSync(logFile, "utf8")).toBe("100000,100000,100000\n");
});
