import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { impliedConsents } from "../consents.ts";
import { driveDialogs } from "./drive-dialogs.ts";
import type { AskCaller, DriveQuestion } from "./questions.ts";
import type { DriveEvent, DriveOptions, DriveResult } from "./drive-types.ts";
import { createRecorder, formatCast, parseCast } from "../recording/recording.ts";
import type { Terminal } from "../ports.ts";
import { claudePack } from "../packs/claude.ts";
import { texts } from "../rules/screens.fixture.ts";
import { createFakeTui, type FakeScreen, type FakeTui } from "../testing/fake-tui.ts";
import { createManualClock, type ManualClock } from "../testing/manual-clock.ts";
import { createMemoryTerminal } from "../testing/memory-terminal.ts";
import { replayCast } from "../testing/replay-terminal.ts";

const dialog = (head: readonly string[], options: readonly string[]): FakeScreen["draw"] => {
  return (pointed) => [
    "─".repeat(60),
    ...head,
    ...options.map((label, at) => ` ${at === pointed ? "❯" : " "} ${label}`),
    " Enter to confirm · Esc to cancel",
  ];
};
const screen = (
  id: string,
  head: readonly string[],
  options: string[],
  rest: Partial<FakeScreen> = {},
): FakeScreen => ({
  id,
  draw: dialog(head, options),
  options,
  ...rest,
});
const rule = "─".repeat(60);

const trust = (rest: Partial<FakeScreen> = {}): FakeScreen =>
  screen("trust", texts.trust(), ["No, exit", "Yes, I trust this folder"], {
    confirm: (option) => (option === 1 ? { show: "composer" } : { exit: 1 }),
    ...rest,
  });
const apiKey = screen("api-key", texts.apiKey, ["Yes", "No (recommended)"], {
  pointed: 1,
  confirm: () => ({ show: "composer" }),
});
const composer: FakeScreen = {
  id: "composer",
  draw: () => [rule, "❯ ", rule, "  ? for shortcuts"],
  options: [],
};
const blank: FakeScreen = { id: "blank", draw: () => [], options: [] };
const unknown = screen("unknown", [" Which colour do you like?"], ["Red", "Blue"]);

type Run = { readonly result: DriveResult; readonly tui: FakeTui; readonly events: DriveEvent[] };

const run = async (
  screens: readonly FakeScreen[],
  options: Partial<DriveOptions> & {
    readonly onStart?: (clock: ManualClock, tui: FakeTui) => void;
    readonly provenAtMs?: number;
  } = {},
): Promise<Run> => {
  const clock = createManualClock();
  const tui = createFakeTui(screens, clock);
  const events: DriveEvent[] = [];
  const { onStart, provenAtMs, ...rest } = options;
  const driven = driveDialogs({
    terminal: tui.terminal,
    clock,
    pack: claudePack,
    consents: impliedConsents,
    folder: { path: "/w/proj" },
    until: "ready",
    onEvent: (event) => events.push(event),
    ...(provenAtMs === undefined ? {} : { watchProof: (onProven) => clock.after(provenAtMs, onProven) }),
    ...rest,
  });
  onStart?.(clock, tui);
  return { result: await clock.runUntil(driven), tui, events };
};

const pressedOn = ({ tui }: Run): string[] => tui.log.keys.map(({ screen: on }) => on);
const confirmedOn = ({ tui }: Run): string[] =>
  tui.log.confirmed.map(({ screen: on, option }) => `${on}: ${option}`);

describe("driveDialogs", () => {
  test("answers trust with one arrow and one Enter, and ends when the composer is shown", async () => {
    const ran = await run([trust(), composer]);
    expect(ran.result).toMatchObject({ outcome: "ready", keys: 2, dialogs: ["claude/trust"] });
    expect(confirmedOn(ran)).toEqual(["trust: Yes, I trust this folder"]);
  });

  test("sends the arrows of the mode that the program has set", async () => {
    const { draw } = trust();
    const inMode: FakeScreen = trust({ draw: (pointed) => ["\x1b[?1h", ...draw(pointed)] });
    const ran = await run([inMode, composer]);
    expect(ran.tui.log.keys.map(({ data }) => data)).toEqual(["\x1bOB", "\r"]);
  });

  test("presses a lost arrow again, but no second Enter", async () => {
    const ran = await run([trust({ deadWindowMs: 450 }), composer]);
    expect(ran.result.outcome).toBe("ready");
    expect(ran.tui.log.keys.map(({ data }) => data)).toEqual(["\x1b[B", "\x1b[B", "\r"]);
  });

  test("presses lost arrows ever more seldom, so that a program which reads no key for long does not use them up", async () => {
    const limits = { phaseMs: 60_000, totalMs: 60_000 };
    const ran = await run([trust({ deadWindowMs: 10_000 }), composer], { limits });
    expect(ran.result).toMatchObject({ outcome: "ready", keys: 9 });
    expect(confirmedOn(ran)).toEqual(["trust: Yes, I trust this folder"]);
  });

  test("reads a dialog again before Enter after it mounted again and put the pointer back", async () => {
    const ran = await run([trust({ remountAtMs: [210, 230] }), composer]);
    expect(ran.result.outcome).toBe("ready");
    expect(confirmedOn(ran)).toEqual(["trust: Yes, I trust this folder"]);
  });

  test("repeats an Enter that brought no proof while the same dialog is shown", async () => {
    let tries = 0;
    const slowToConfirm = trust({ confirm: () => (++tries < 3 ? { show: "trust" } : { show: "composer" }) });
    const ran = await run([slowToConfirm, composer]);
    expect(confirmedOn(ran)).toEqual(Array(3).fill("trust: Yes, I trust this folder"));
  });

  test("presses at most twelve keys on a dialog that never disappears, and ends the phase after 8 s", async () => {
    const ran = await run([trust({ confirm: () => ({ show: "trust" }) })], { limits: { totalMs: 60_000 } });
    expect(ran.result).toMatchObject({ outcome: "timeout", limit: "phase", keys: 12 });
    expect(ran.result.durationMs).toBeLessThan(8_050);
  });

  test("ends at the limit of the whole run", async () => {
    const slow = { id: "blank", draw: () => [], options: [], then: { afterMs: 2_000, show: "trust" } };
    const ran = await run([slow, trust({ deadWindowMs: 9_000 })], {
      limits: { phaseMs: 8_000, totalMs: 5_000 },
    });
    expect(ran.result).toMatchObject({ outcome: "timeout", limit: "total", durationMs: 5_000 });
  });

  test("presses no key on a screen that no rule matches, and returns its name and text", async () => {
    const ran = await run([unknown]);
    expect(ran.result).toMatchObject({
      outcome: "blocked",
      code: "unknown-dialog",
      dialog: "claude/unknown",
    });
    expect(ran.result.screen.join("\n")).toContain("Which colour do you like?");
    expect(pressedOn(ran)).toEqual([]);
  });

  test("presses no key on a dialog without consent and names it, after it answered an earlier dialog", async () => {
    const ran = await run([trust({ confirm: () => ({ show: "api-key" }) }), apiKey, composer]);
    expect(ran.result).toMatchObject({ outcome: "blocked", code: "consent-needed", consent: "api-key" });
    expect(ran.result.dialogs).toEqual(["claude/trust", "claude/api-key"]);
    expect(pressedOn(ran)).toEqual(["trust", "trust"]);
  });

  test("answers a dialog by the caller's consent", async () => {
    const screens = [trust({ confirm: () => ({ show: "api-key" }) }), apiKey, composer];
    const use = await run(screens, { consents: { trust: "accept", "api-key": "use" } });
    const refuse = await run(screens, { consents: { trust: "accept", "api-key": "refuse" } });
    expect(confirmedOn(use).at(-1)).toBe("api-key: Yes");
    expect(confirmedOn(refuse).at(-1)).toBe("api-key: No (recommended)");
  });

  test("answers a dialog that comes after a ready-looking composer", async () => {
    const early: FakeScreen = { ...composer, id: "early", then: { afterMs: 600, show: "trust" } };
    const ran = await run([early, trust(), composer]);
    expect(confirmedOn(ran)).toEqual(["trust: Yes, I trust this folder"]);
  });

  test("returns the exit code and the last screen of a program that exits by itself", async () => {
    const ran = await run([trust({ confirm: () => ({ exit: 3 }) })]);
    expect(ran.result).toMatchObject({ outcome: "exited", exitCode: 3 });
    expect(ran.result.screen.join()).toContain("Accessing workspace");
  });

  test("is blocked if the program exits on a screen that is left to a person", async () => {
    const ran = await run(
      [{ id: "offline", draw: () => [" Unable to connect to Anthropic services"], options: [] }],
      {
        onStart: (clock, { terminal }) => clock.after(50, () => terminal.kill("SIGTERM")),
      },
    );
    expect(ran.result).toMatchObject({
      outcome: "blocked",
      code: "no-connection",
      dialog: "claude/no-connection",
    });
  });

  test("names a y/n prompt and never answers it", async () => {
    const [title, ...rest] = texts.trust();
    const prompt = [`Permission Required: ${title}`, ...rest, "y. Yes", "n. No", "Enter y/n:"];
    const ran = await run([{ id: "prompt", draw: () => [...prompt, texts.confirm], options: [] }]);
    expect(ran.result).toMatchObject({
      outcome: "blocked",
      code: "screen-reader-dialog",
      dialog: "claude/trust",
    });
    expect(pressedOn(ran)).toEqual([]);
  });
});

describe("driveDialogs until proof", () => {
  test("ends with the proof, regardless of the screen", async () => {
    const ran = await run([trust({ confirm: () => ({ show: "trust" }) })], {
      until: "proof",
      provenAtMs: 300,
    });
    expect(ran.result).toMatchObject({ outcome: "proven", durationMs: 300 });
    expect(confirmedOn(ran)).toEqual(["trust: Yes, I trust this folder"]);
  });

  test.each([
    { behind: "another dialog", show: "api-key", screens: [apiKey] },
    { behind: "the composer", show: "composer", screens: [composer] },
  ])(
    "waits the whole phase for proof, although the confirmed trust is followed by $behind",
    async ({ show, screens }) => {
      const options = { until: "proof", limits: { phaseMs: 28_000, totalMs: 35_000 } } as const;
      const playing = [trust({ confirm: () => ({ show }) }), ...screens];
      expect((await run(playing, { ...options, provenAtMs: 15_000 })).result.outcome).toBe("proven");
      const unproven = await run(playing, { ...options, watchProof: () => () => undefined });
      expect(unproven.result).toMatchObject({ outcome: "timeout", limit: "phase" });
    },
  );

  test("ends as ready-unproven if the program does not ask", async () => {
    expect((await run([composer], { until: "proof" })).result.outcome).toBe("ready-unproven");
  });

  test("waits for its turn before Enter, and pauses both limits meanwhile", async () => {
    let giveTurn = (): void => undefined;
    const turn = new Promise<void>((resolve) => (giveTurn = resolve));
    const ran = await run([trust(), composer], {
      beforeCommit: () => turn,
      onStart: (clock) => clock.after(60_000, () => giveTurn()),
    });
    expect(ran.result.outcome).toBe("ready");
    expect(
      ran.events.find((event) => event.type === "key" && event.key === "enter")?.at,
    ).toBeGreaterThanOrEqual(60_000);
  });

  test("waits for its turn before it confirms granted permissions", async () => {
    const granted = screen("granted", texts.granted(), ["No, exit", "Yes, I trust this folder"], {
      confirm: () => ({ show: "composer" }),
    });
    let turns = 0;
    const ran = await run([granted, composer], {
      consents: { "granted-permissions": "accept" },
      beforeCommit: async () => void (turns += 1),
    });
    expect(confirmedOn(ran)).toEqual(["granted: Yes, I trust this folder"]);
    expect(turns).toBe(1);
  });

  test("ends as cancelled, without Enter, if the turn is refused", async () => {
    const ran = await run([trust(), composer], { beforeCommit: () => Promise.reject(new Error("no turn")) });
    expect(ran.result.outcome).toBe("cancelled");
    expect(confirmedOn(ran)).toEqual([]);
  });
});

describe("driveDialogs and cancellation", () => {
  test.each([0, 100, 205, 230])("presses no key after an abort at %i ms", async (at) => {
    const abort = new AbortController();
    const ran = await run([trust(), composer], {
      signal: abort.signal,
      onStart: (clock) => clock.after(at, () => abort.abort()),
    });
    expect(ran.result.outcome).toBe("cancelled");
    expect(ran.events.filter((event) => event.type === "key" && event.at > at)).toEqual([]);
  });

  test("sends nothing after an abort before the start", async () => {
    const ran = await run([trust()], { signal: AbortSignal.abort() });
    expect(ran.result).toMatchObject({ outcome: "cancelled", keys: 0 });
  });

  test.each(["output", "dialog", "key"])(
    "sends no key if the listener aborts on the event %s",
    async (told) => {
      const abort = new AbortController();
      const ran = await run([trust(), composer], {
        signal: abort.signal,
        onEvent: ({ type }) => type === told && abort.abort(),
      });
      expect(ran.result).toMatchObject({ outcome: "cancelled", keys: 0 });
      expect(pressedOn(ran)).toEqual([]);
    },
  );
});

describe("driveDialogs and a program that writes", () => {
  /** A program that prints on request, and keeps its input. */
  const scripted = (
    onInput: (data: string) => string = () => "",
  ): { readonly terminal: Terminal; readonly print: (data: string) => void; readonly heard: string[] } => {
    const heard: string[] = [];
    let print = (data: string): void => void data;
    const terminal = createMemoryTerminal((io) => {
      print = io.print;
      return {
        onInput: (data) => {
          heard.push(data);
          io.print(onInput(data));
        },
      };
    });
    return { terminal, print: (data) => print(data), heard };
  };
  const base = {
    pack: claudePack,
    consents: impliedConsents,
    folder: { path: "/w/proj" },
    until: "ready",
  } as const;

  test("presses nothing while output waits to be drawn", async () => {
    const clock = createManualClock();
    const abort = new AbortController();
    // The reply to the cursor position makes it print another dialog, which waits behind four megabytes of output.
    const { terminal, print, heard } = scripted(() => `\x1b[H\x1b[2J${unknown.draw(0).join("\r\n")}`);
    const driven = driveDialogs({ ...base, terminal, clock, signal: abort.signal });
    print(trust().draw(1).join("\r\n"));
    clock.advance(165);
    print(`\x1b[6n${"\x1b[0m".repeat(1_000_000)}`);
    clock.advance(300);
    abort.abort();
    await driven;
    expect(heard).toEqual([expect.stringMatching(/R$/)]);
  });

  test("ends at its limit while output waits to be drawn", async () => {
    const clock = createManualClock();
    const { terminal, print } = scripted();
    const driven = driveDialogs({ ...base, terminal, clock });
    print("\x1b[0m".repeat(1_000_000));
    clock.advance(8_000);
    expect(await driven).toMatchObject({ outcome: "timeout", limit: "phase", durationMs: 8_000 });
  });

  test("stops replying to a program that never stops asking", async () => {
    const clock = createManualClock();
    const { terminal, print, heard } = scripted();
    const driven = driveDialogs({ ...base, terminal, clock });
    print("\x1b[6n".repeat(1_000));
    await clock.runUntil(driven);
    expect(heard).toEqual(Array(100).fill("\x1b[1;1R"));
  });

  test("does not send a terminal reply if the listener aborts on its event", async () => {
    const abort = new AbortController();
    const { terminal, print, heard } = scripted();
    const driven = driveDialogs({
      ...base,
      terminal,
      clock: createManualClock(),
      signal: abort.signal,
      onEvent: ({ type }) => type === "reply" && abort.abort(),
    });
    print("\x1b[6n");
    expect((await driven).outcome).toBe("cancelled");
    expect(heard).toEqual([]);
  });
});

describe("driveDialogs and a program that draws all the time", () => {
  const { draw } = trust();
  type Frame = { readonly pointed: number; readonly count: number };

  /**
   * Draws every 3 ms, the second half of each frame 1 ms after the first; an Enter ends it, and arrows move.
   */
  const restless = async (
    frame: (frame: Frame) => readonly string[],
  ): Promise<{ readonly result: DriveResult; readonly heard: readonly string[] }> => {
    const clock = createManualClock();
    const heard: string[] = [];
    const terminal = createMemoryTerminal((io) => {
      let pointed = 0;
      const paint = (count: number): void => {
        const drawn = `\x1b[H\x1b[2J${frame({ pointed, count }).join("\r\n")}`;
        const half = Math.floor(drawn.length / 2);
        io.print(drawn.slice(0, half));
        clock.after(1, () => io.print(drawn.slice(half)));
        if (!io.hasExited) clock.after(3, () => paint(count + 1));
      };
      clock.after(0, () => paint(0));
      return {
        onInput: (data) => {
          heard.push(data);
          if (data === "\x1b[B") pointed = 1;
          if (data === "\r") io.exit({ exitCode: pointed });
        },
      };
    });
    const driven = driveDialogs({
      terminal,
      clock,
      pack: claudePack,
      consents: impliedConsents,
      folder: { path: "/w/proj" },
      until: "ready",
    });
    return { result: await clock.runUntil(driven), heard };
  };

  test("answers its dialog after the dialog was unchanged for a while", async () => {
    const { result, heard } = await restless(({ pointed }) => draw(pointed));
    expect(heard).toEqual(["\x1b[B", "\r"]);
    expect(result).toMatchObject({ outcome: "exited", exitCode: 1, dialogs: ["claude/trust"] });
    expect(result.durationMs).toBeLessThan(3_500);
  });

  test.each<{ what: string; frame: (frame: Frame) => readonly string[] }>([
    {
      what: "whose text keeps changing",
      frame: ({ pointed, count }) =>
        draw(pointed).map((row) =>
          row.replace("Quick safety check", `Quick safety check ${Math.floor(count / 100)}`),
        ),
    },
    { what: "whose pointer keeps moving", frame: ({ count }) => draw(Math.floor(count / 100) % 2) },
    {
      what: "that keeps disappearing and coming back",
      frame: ({ count }) => (count % 200 < 100 ? draw(1) : [""]),
    },
    {
      what: "that alternates with another one",
      frame: ({ count }) => (count % 2 === 0 ? draw(1) : unknown.draw(0)),
    },
  ])("presses nothing on a dialog $what", async ({ frame }) => {
    const { result, heard } = await restless(frame);
    expect({ heard, outcome: result.outcome }).toEqual({ heard: [], outcome: "timeout" });
  });
});

describe("the end of driveDialogs", () => {
  test.each(["asked", "taken"])(
    "is the last event after the listener aborts on the turn event %s",
    async (state) => {
      const abort = new AbortController();
      let turns = 0;
      const told: string[] = [];
      const ran = await run([trust(), composer], {
        signal: abort.signal,
        beforeCommit: async () => void (turns += 1),
        onEvent: (event) => {
          told.push(event.type);
          if (event.type === "turn" && event.state === state) abort.abort();
        },
      });
      expect(ran.result.outcome).toBe("cancelled");
      expect(told.at(-1)).toBe("end");
      expect(turns).toBe(state === "asked" ? 0 : 1);
      expect(confirmedOn(ran)).toEqual([]);
    },
  );

  test("is returned although the listener of the end event throws", async () => {
    const clock = createManualClock();
    const { terminal } = createFakeTui([unknown], clock);
    const driven = driveDialogs({
      terminal,
      clock,
      pack: claudePack,
      consents: impliedConsents,
      until: "ready",
      onEvent: (event) => {
        if (event.type === "end") throw new Error("a bug of the caller");
      },
    });
    expect(() => clock.advance(2_000)).toThrow("a bug of the caller");
    expect((await driven).outcome).toBe("blocked");
  });

  test("is returned although stopping the watch throws", async () => {
    const clock = createManualClock();
    const { terminal } = createFakeTui([unknown], clock);
    const watchProof = (): (() => void) => () => {
      throw new Error("a bug of the caller");
    };
    const driven = driveDialogs({
      terminal,
      clock,
      pack: claudePack,
      consents: {},
      until: "proof",
      watchProof,
    });
    expect(() => clock.advance(2_000)).toThrow("a bug of the caller");
    expect((await driven).outcome).toBe("blocked");
  });

  test("is the last event even if a turn is granted later", async () => {
    let giveTurn = (): void => undefined;
    const turn = new Promise<void>((resolve) => (giveTurn = resolve));
    const ran = await run([trust(), composer], {
      beforeCommit: () => turn,
      onStart: (clock, { terminal }) => clock.after(1_000, () => terminal.kill()),
    });
    giveTurn();
    await turn;
    expect(ran.result.outcome).toBe("exited");
    expect(ran.events.at(-1)?.type).toBe("end");
  });

  /** Counts the subscriptions that are not stopped yet. */
  const counted = (): { readonly open: () => number; readonly count: (stop: () => void) => () => void } => {
    const open = new Set<() => void>();
    return {
      open: () => open.size,
      count: (stop) => {
        open.add(stop);
        return () => {
          open.delete(stop);
          stop();
        };
      },
    };
  };

  /** Drives a terminal whose program has already printed its first screen, which can happen with a PTY. */
  const leftBehind = async (
    start: FakeScreen,
    options: Partial<DriveOptions>,
  ): Promise<{ readonly result: DriveResult; readonly open: number }> => {
    const clock = createManualClock();
    const { open, count } = counted();
    const { terminal } = createFakeTui([start], clock);
    clock.advance(0);
    const driven = driveDialogs({
      terminal: {
        ...terminal,
        onData: (listener) => count(terminal.onData(listener)),
        onExit: (listener) => count(terminal.onExit(listener)),
      },
      clock: {
        now: clock.now,
        after: (milliseconds, run) => {
          const stop = count(clock.after(milliseconds, () => (stop(), run())));
          return stop;
        },
      },
      pack: { ...claudePack, deadWindowMs: 0 },
      consents: {},
      until: "proof",
      ...options,
      ...(options.watchProof === undefined
        ? {}
        : { watchProof: (onProven) => count(options.watchProof?.(onProven) ?? (() => undefined)) }),
    });
    return { result: await clock.runUntil(driven), open: open() };
  };

  const provenAtOnce: DriveOptions["watchProof"] = (onProven) => {
    onProven();
    return () => undefined;
  };
  const [abort, second] = [new AbortController(), new AbortController()];

  test.each<{ title: string; outcome: string; start: FakeScreen; options: Partial<DriveOptions> }>([
    {
      title: "a watch that reports at once",
      outcome: "proven",
      start: blank,
      options: { watchProof: provenAtOnce },
    },
    { title: "a question on the screen at the start", outcome: "blocked", start: trust(), options: {} },
    {
      title: "an abort by the listener of a dialog event",
      outcome: "cancelled",
      start: trust(),
      options: {
        signal: second.signal,
        consents: impliedConsents,
        onEvent: ({ type }) => type === "dialog" && second.abort(),
      },
    },
    {
      title: "an abort by the listener of the first output event",
      outcome: "cancelled",
      start: trust(),
      options: { signal: abort.signal, onEvent: () => abort.abort() },
    },
  ])("$title leaves no listener, timer or watch behind", async ({ outcome, start, options }) => {
    const { result, open } = await leftBehind(start, options);
    expect(result.outcome).toBe(outcome);
    expect(open).toBe(0);
  });
});

/**
 * Drives a recording again. Returns its outcome, and the differences from the recorded keys.
 */
const replayed = async (
  text: string,
  path: string,
): Promise<{ outcome: string; differences: readonly string[] }> => {
  const cast = parseCast(text);
  if (!cast.ok) throw new Error(cast.error.message);
  const clock = createManualClock();
  const replay = replayCast(cast.value, clock);
  const consents = { trust: "accept", "api-key": "use" } as const;
  const again = driveDialogs({
    terminal: replay.terminal,
    clock,
    pack: claudePack,
    consents,
    folder: { path },
    until: "ready",
  });
  const { outcome } = await clock.runUntil(again);
  return { outcome, differences: replay.differences() };
};

describe("recording and replay", () => {
  test("presses the same keys when a recorded run is replayed", async () => {
    const recorder = createRecorder({ title: "a run" });
    await run([trust({ confirm: () => ({ show: "api-key" }) }), apiKey, composer], {
      consents: { trust: "accept", "api-key": "use" },
      onEvent: (event) => recorder.record(event),
    });
    const { outcome, differences } = await replayed(formatCast(recorder.cast()), "/w/proj");
    expect(outcome).toBe("ready");
    expect(differences).toEqual([]);
  });

  test("presses the recorded keys when a recording of the real Claude Code 2.1.328 is replayed", async () => {
    const file = new URL("../../../../test-fixtures/claude/claude-2.1.328-api-key-use.cast", import.meta.url);
    const { outcome, differences } = await replayed(readFileSync(file, "utf8"), "/tmp/h/home/w/proj");
    expect(outcome).toBe("ready");
    expect(differences).toEqual([]);
  });

  test("presses no key on a blank screen", async () => {
    const ran = await run([blank]);
    expect(ran.result).toMatchObject({ outcome: "timeout", limit: "phase", keys: 0 });
  });
});

describe("a question to the caller", () => {
  const plainKey = { ...apiKey, confirm: () => ({ show: "trust" }) };
  type Put = DriveQuestion & { stopped: boolean; answer: (answer: string | null) => void };
  const asker = (then: (put: Put, at: number) => void): { puts: Put[]; onQuestion: AskCaller } => {
    const puts: Put[] = [];
    return {
      puts,
      onQuestion: (question, answer) => {
        const put = { ...question, stopped: false, answer };
        puts.push(put);
        then(put, puts.length);
        return () => void (put.stopped = true);
      },
    };
  };

  test("names the dialog, its text, its options, and the answers of its consent", async () => {
    const { puts, onQuestion } = asker(({ answer }) => answer(null));
    const ran = await run([apiKey, composer], { onQuestion });
    expect(puts).toMatchObject([
      {
        dialog: "claude/api-key",
        consent: "api-key",
        answers: ["use", "refuse"],
        options: ["Yes", "No (recommended)"],
      },
    ]);
    expect(puts[0]?.text.join("\n")).toContain("Do you want to use this API key?");
    expect(ran.result).toMatchObject({ outcome: "blocked", code: "consent-needed", keys: 0 });
  });

  const answers = [
    { answer: "use", confirmed: ["api-key: Yes"] },
    { answer: "refuse", confirmed: ["api-key: No (recommended)"] },
    { answer: "accept", confirmed: [] },
    { answer: "Yes", confirmed: [] },
    { answer: "\r", confirmed: [] },
    { answer: null, confirmed: [] },
  ];
  test.each(answers)(
    "leads to $confirmed after the immediate answer $answer",
    async ({ answer, confirmed }) => {
      const { onQuestion } = asker((put) => put.answer(answer));
      const ran = await run([apiKey, composer], { onQuestion });
      expect(confirmedOn(ran)).toEqual(confirmed);
      expect(ran.result.outcome).toBe(confirmed.length > 0 ? "ready" : "blocked");
    },
  );

  test("pauses the limits while its dialog is on the screen", async () => {
    const { puts, onQuestion } = asker(() => {});
    const ran = await run([apiKey, composer], {
      onQuestion,
      onStart: (clock) => clock.after(60_000, () => puts[0]?.answer("use")),
    });
    expect(ran.result).toMatchObject({ outcome: "ready" });
    expect(ran.result.durationMs).toBeGreaterThan(60_000);
  });

  test("lets the limits run when its dialog has left the screen, and is withdrawn at the end", async () => {
    const { puts, onQuestion } = asker(() => {});
    const ran = await run([{ ...apiKey, then: { afterMs: 20_000, show: "blank" } }, blank], { onQuestion });
    expect(ran.result).toMatchObject({ outcome: "timeout", keys: 0 });
    expect(puts).toMatchObject([{ stopped: true }]);
  });

  test("presses nothing on the next dialog when the answer was for a replaced one", async () => {
    const other = { ...apiKey, id: "other", draw: dialog(texts.apiKey.map(otherKey), apiKey.options) };
    const { puts, onQuestion } = asker(() => {});
    const ran = await run([{ ...apiKey, then: { afterMs: 5_000, show: "other" } }, other, composer], {
      onQuestion,
      onStart: (clock) => {
        clock.after(9_000, () => puts[0]?.answer("use"));
        clock.after(12_000, () => puts[1]?.answer(null));
      },
    });
    expect(puts.map(({ stopped }) => stopped)).toEqual([true, false]);
    expect(ran.result).toMatchObject({ outcome: "blocked", code: "consent-needed", keys: 0 });
  });

  test("is asked again for the next dialog of the same kind", async () => {
    const other = { ...apiKey, id: "other", draw: dialog(texts.apiKey.map(otherKey), apiKey.options) };
    const { puts, onQuestion } = asker((put, count) => put.answer(count === 1 ? "use" : null));
    const ran = await run([{ ...apiKey, confirm: () => ({ show: "other" }) }, other], { onQuestion });
    expect(puts).toHaveLength(2);
    expect(confirmedOn(ran)).toEqual(["api-key: Yes"]);
  });

  test("is not asked if a consent was given, or if no consent could answer the dialog", async () => {
    const { puts, onQuestion } = asker(({ answer }) => answer("accept"));
    const withConsent = await run([plainKey, trust(), composer], {
      onQuestion,
      consents: { ...impliedConsents, "api-key": "use" },
    });
    const noConsent = await run([unknown], { onQuestion });
    const elsewhere = await run([trust(), composer], { onQuestion, folder: { path: "/w/another" } });
    expect([withConsent, noConsent, elsewhere].map(({ result }) => result.outcome)).toEqual([
      "ready",
      "blocked",
      "blocked",
    ]);
    expect(puts).toEqual([]);
  });

  test.each(["abort", "exit"] as const)("is withdrawn when the run ends by %s", async (end) => {
    const { puts, onQuestion } = asker(() => {});
    const controller = new AbortController();
    const ran = await run([apiKey, composer], {
      onQuestion,
      signal: controller.signal,
      onStart: (clock, tui) =>
        clock.after(5_000, () => (end === "abort" ? controller.abort() : void tui.terminal.kill?.())),
    });
    expect(ran.result.outcome).toBe(end === "abort" ? "cancelled" : "exited");
    puts[0]?.answer("use");
    expect(pressedOn(ran)).toEqual([]);
    expect(puts).toMatchObject([{ stopped: true }]);
  });
});

const otherKey = (row: string): string => row.replace(/sk-ant-\.\.\.\S+/, "sk-ant-...other");
