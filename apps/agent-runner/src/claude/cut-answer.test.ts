import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { placeWithProgram, say, turnTools } from "../provider.fixture.ts";
import { claude } from "./claude.ts";
import { linesOf, promptStateIn } from "./transcript.ts";

const recorded = join(import.meta.dirname, "../../../../test-fixtures/claude/claude-2.1.332-cut-answer");
const batch = "11111111-1111-4111-8111-111111111111";
const whole = "First half, second half, third and last.";

/** A Claude Code that answers each prompt with a recording. */
const replay = (name: string): string =>
  `while read -r line; do case $line in *'"type":"user"'*) cat ${recorded}${name}.stdout.jsonl;; esac; done`;

describe("an answer that Claude Code had to ask for in pieces", () => {
  test("is whole, and is shown without the pieces that were taken back", { tags: ["slow"] }, async () => {
    const provider = claude(placeWithProgram("claude", replay("")));
    onTestFinished(() => provider.stop());
    await provider.start(null);
    const tools = turnTools();
    expect(await say(provider, "go", tools, batch)).toEqual([whole]);
    expect(tools.shown).toEqual([
      "Fir",
      "First half, ",
      "First half, and",
      "First half, second half,",
      "First half, second half, third ",
      whole,
    ]);
  });

  const lines = linesOf(readFileSync(`${recorded}.transcript.jsonl`, "utf8"));

  test("is whole in the transcript", () =>
    expect(promptStateIn(lines, batch)).toEqual({ state: "answered", text: whole }));

  test.each([
    { name: "after a cut stream", kept: 3, said: "First half, " },
    { name: "after too many tokens", kept: 5, said: "First half, second half," },
  ])("is open in the transcript $name, with its pieces", ({ kept, said }) =>
    expect(promptStateIn(lines.slice(0, kept), batch)).toEqual({ state: "open", toolUses: [], said }),
  );

  test("is whole if the process was killed in the rest", { tags: ["slow"] }, async () => {
    const place = placeWithProgram("claude", replay("-resumed"));
    const session = "22222222-2222-4222-8222-222222222222";
    const folder = join(place.folder, "out/claude/projects/work");
    mkdirSync(folder, { recursive: true });
    const kept = readFileSync(`${recorded}.transcript.jsonl`, "utf8").split("\n").slice(0, 3);
    writeFileSync(join(folder, `${session}.jsonl`), `${kept.join("\n")}\n`);
    const provider = claude(place);
    onTestFinished(() => provider.stop());
    await provider.start(session);
    const tools = turnTools();
    expect(await say(provider, "go", tools, batch)).toEqual(["First half, second half."]);
    expect(tools.shown).toEqual(["First half, second half", "First half, second half."]);
  });
});
