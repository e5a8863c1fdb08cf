import { readdirSync, readFileSync } from "node:fs";
import { parseCast, type Cast } from "@trust/dialog-engine";
import { codexPack } from "@trust/dialog-engine/packs";
import { createManualClock, createMemoryTerminal, replayCast } from "@trust/dialog-engine/testing";
import { describe, expect, test } from "vitest";
import { providers, type Provider } from "@gatehouse/provider-facts";
import { packOfProvider } from "./pack-of-provider.ts";
import type { Sight } from "./read-sight.ts";
import { startingMs, watchScreen } from "./watch-screen.ts";

const fixtures = new URL("../../../test-fixtures/", import.meta.url);

const castIn = (provider: Provider, file: string): Cast => {
  const cast = parseCast(readFileSync(new URL(`${provider}/${file}`, fixtures), "utf8"));
  if (!cast.ok) throw new Error(`${file}: ${cast.error.message}`);
  return cast.value;
};

/** All recordings of this scenario without key presses, of any program and version. */
const recordings = (scenario: string): { provider: Provider; file: string }[] =>
  providers
    .filter((provider) => packOfProvider(provider) !== null)
    .flatMap((provider) =>
      readdirSync(new URL(`${provider}/`, fixtures))
        .filter((file) => file.endsWith(`-${scenario}.cast`))
        .filter((file) => castIn(provider, file).events.every(([, type]) => type !== "i"))
        .map((file) => ({ provider, file })),
    );

/** Plays a recording to a watch until its end; returns the reported sights, and the bytes that were sent. */
const watch = (provider: Provider, file: string): { sights: Sight[]; sent: string[] } => {
  const clock = createManualClock();
  const { terminal } = replayCast(castIn(provider, file), clock);
  const sent: string[] = [];
  const sights: Sight[] = [];
  const watching = watchScreen({
    terminal: { ...terminal, write: (data) => sent.push(data) },
    clock,
    pack: packOfProvider(provider),
    isProven: false,
    folder: { path: `${provider === "codex" ? "/opt" : "/tmp"}/h/home/w/proj` },
    onSight: (sight) => sights.push(sight),
  });
  clock.advance(20_000);
  watching.stop();
  return { sights, sent };
};

const keys = ["\r", "\n", " ", "y", "n", "1", "2", "\x1b", "\x1b[A", "\x1b[B", "\x1bOA", "\x1bOB"];

describe("watchScreen", () => {
  test.for(recordings("trust-unanswered"))(
    "sees the question of $file, and presses no key",
    ({ provider, file }) => {
      const { sights, sent } = watch(provider, file);
      expect(sights.at(-1)).toMatchObject({ type: "trust" });
      expect(sights).not.toContainEqual({ type: "ready" });
      expect(sent.filter((data) => keys.includes(data))).toEqual([]);
    },
  );

  test.for(recordings("ready"))("sees $file ready, and reports no question", ({ provider, file }) => {
    const { sights, sent } = watch(provider, file);
    expect(sights).toEqual([{ type: "ready" }]);
    expect(sent.filter((data) => keys.includes(data))).toEqual([]);
  });

  const question =
    "  Folder access\r\n  /w/proj\r\n\r\n  Trust this folder? Codex can read, edit, and run files here, subject to your permission settings. Folder settings\r\n  can run code automatically, even without a model request. Continue only if you trust these files. Your trust\r\n  decision will be saved.\r\n\r\n› 1. Trust and continue\r\n  2. Quit\r\n\r\n  enter continue · esc quit";
  const folder = { path: "/w/proj" };
  const composer = "\r\n\r\n› Ask Codex\r\n\r\n  ? for shortcuts";
  const clear = "\x1b[H\x1b[2J";

  test("reports nothing while output waits to be drawn", () => {
    const clock = createManualClock();
    const sights: Sight[] = [];
    const terminal = createMemoryTerminal((io) => {
      clock.after(0, () => io.print(composer));
      // The program prints this at its cursor report, so it is queued after four megabytes.
      clock.after(2_990, () => io.print(`\x1b[6n${"\x1b[0m".repeat(1_000_000)}`));
      return { onInput: () => io.print(`${clear}${question}`) };
    });
    const onSight = (sight: Sight): void => void sights.push(sight);
    const watching = watchScreen({ terminal, clock, pack: codexPack, isProven: true, folder, onSight });
    clock.advance(3_020);
    watching.stop();
    expect(sights).toEqual([]);
  });

  /** A program that prints these texts, each this many milliseconds after the previous one. */
  const program = (output: readonly { after: number; print: string }[], isProven = true): Sight[] => {
    const clock = createManualClock();
    const sights: Sight[] = [];
    const terminal = createMemoryTerminal((io) => {
      let at = 0;
      for (const { after, print } of output) clock.after((at += after), () => io.print(clear + print));
      return {};
    });
    const watching = watchScreen({
      terminal,
      clock,
      pack: codexPack,
      isProven,
      folder,
      onSight: (sight) => sights.push(sight),
    });
    clock.advance(startingMs * 2);
    watching.stop();
    return sights;
  };

  test("answers the agent's terminal queries while it runs, and draws nothing after it was ready", () => {
    const clock = createManualClock();
    const heard: string[] = [];
    const terminal = createMemoryTerminal((io) => {
      clock.after(0, () => io.print(`${clear}${composer}\x1b[7;3H`));
      clock.after(startingMs - 1, () => io.print("\x1b[9;9H\x1b[6n\x1b]11;?\x07\x1b[c"));
      return { onInput: (data) => heard.push(data) };
    });
    const watching = watchScreen({
      terminal,
      clock,
      pack: codexPack,
      isProven: true,
      folder,
      onSight: () => {},
    });
    clock.advance(startingMs * 2);
    watching.stop();
    expect(heard).toEqual(["\x1b[7;3R", "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b[?1;2c"]);
  });

  test.for([
    { what: "of an agent that was ready", print: `${clear}${composer}`, after: 10_000 },
    { what: "when the start is over", print: "", after: startingMs + 1 },
  ])("does not draw a flood $what", ({ print, after }) => {
    const clock = createManualClock();
    let pauses = 0;
    const terminal = createMemoryTerminal((io) => {
      clock.after(0, () => io.print(print));
      clock.after(after, () => io.print("\x1b[0m".repeat(1_000_000)));
      return {};
    });
    const pause = (): (() => void) => ((pauses += 1), () => {});
    const watching = watchScreen({
      terminal: { ...terminal, pause },
      clock,
      pack: codexPack,
      isProven: true,
      folder,
      onSight: () => {},
    });
    clock.advance(startingMs * 2);
    watching.stop();
    expect(pauses).toBe(0);
  });

  test("pauses an agent that writes faster than it is drawn, but only while it starts", () => {
    const clock = createManualClock();
    const log: string[] = [];
    const terminal = createMemoryTerminal((io) => {
      clock.after(0, () => io.print("\x1b[0m".repeat(1_000_000)));
      return {};
    });
    const pause = (): (() => void) => (log.push("paused"), () => log.push("goes on"));
    const watching = watchScreen({
      terminal: { ...terminal, pause },
      clock,
      pack: null,
      isProven: false,
      folder,
      onSight: () => {},
    });
    clock.advance(10);
    expect(log).toEqual(["paused"]);
    watching.stop();
    expect(log).toEqual(["paused", "goes on"]);
  });

  test.for([
    {
      what: "reports ready only after the composer was shown for a while",
      output: [
        { after: 0, print: composer },
        { after: codexPack.readyStandsMs - 100, print: question },
      ],
      sights: ["trust"],
    },
    {
      what: "does not report a question that disappears at once",
      output: [
        { after: 0, print: question },
        { after: 50, print: composer },
      ],
      sights: ["ready"],
    },
    {
      what: "stops reading after the agent was ready, since its output may look like any dialog",
      output: [
        { after: 0, print: composer },
        { after: codexPack.readyStandsMs + 100, print: question },
      ],
      sights: ["ready"],
    },
    {
      what: "stops reading when the start is over",
      output: [{ after: startingMs + 100, print: question }],
      sights: [],
    },
    {
      what: "reports each question once",
      output: [
        { after: 0, print: question },
        { after: 1_000, print: "" },
        { after: 1_000, print: question },
      ],
      sights: ["trust"],
    },
  ])("$what", ({ output, sights }) => {
    expect(program(output).map(({ type }) => type)).toEqual(sights);
  });

  const update =
    "  Update available · 0.169.0 → 99.0.0\r\n\r\n› 1. Update now (runs `npm install -g @openai/codex`)\r\n  2. Skip\r\n\r\n  enter continue · esc skip";
  test.for([
    {
      what: "sees a question about trust after a prompt",
      output: [
        { after: 0, print: composer },
        { after: 10_000, print: question },
      ],
      sights: ["ready", "trust"],
    },
    {
      what: "reports no other question after a prompt, since the agent is at work",
      output: [
        { after: 0, print: composer },
        { after: 10_000, print: update },
        { after: 10_000, print: composer },
      ],
      sights: ["ready"],
    },
    {
      what: "stops reading when the start is over",
      output: [
        { after: 0, print: composer },
        { after: startingMs + 100, print: question },
      ],
      sights: ["ready"],
    },
  ])("$what, while trust is unproven", ({ output, sights }) => {
    expect(program(output, false).map(({ type }) => type)).toEqual(sights);
  });
});
