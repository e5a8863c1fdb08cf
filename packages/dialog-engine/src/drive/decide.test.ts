import { describe, expect, test } from "vitest";
import type { Consents } from "../consents.ts";
import { decide, type Decision } from "./decide.ts";
import { emptyMemory, pressed, remember, type Memory } from "./memory.ts";
import { pace } from "./pace.ts";
import { observe, type Observation } from "../rules/observe.ts";
import { claudePack } from "../packs/claude.ts";
import { codexPack } from "../packs/codex.ts";
import { geminiPack } from "../packs/gemini.ts";
import { texts } from "../rules/screens.fixture.ts";

const trust = (pointed: 0 | 1): Observation =>
  observe(
    [
      ...texts.trust(),
      ` ${pointed === 0 ? "❯" : " "} No, exit`,
      ` ${pointed === 1 ? "❯" : " "} Yes, I trust this folder`,
      texts.confirm,
    ],
    claudePack,
  );

const resume = observe(
  [
    ...texts.resume,
    " ❯ Resume from summary (instant, recommended)",
    "   Resume full session as-is",
    "   Don't ask again",
  ],
  claudePack,
);

const mcp = observe(
  [
    ...texts.mcp,
    "   Use this MCP server",
    "   Use this and all future MCP servers in this project",
    " ❯ Continue without using this MCP server",
    texts.confirm,
  ],
  claudePack,
);

const unknown = observe([" Which colour?", " ❯ Red", "   Blue"], claudePack);

const geminiTrust = [
  ...texts.gemini,
  " ● 1. Trust folder (proj)",
  "   2. Trust parent folder (w)",
  "   3. Don't trust",
];

/** The memory of a screen that has been unchanged since 0, as read at `now`. */
const stood = (seen: Observation, extra: Partial<Memory> = {}): Memory => ({
  ...remember(emptyMemory(0), seen, 0),
  ...extra,
});

const key = (at: number, which: "enter" | "down" | "up" = "down", ruleId = "claude/trust") => ({
  key: which,
  at,
  ruleId,
});

type Row = {
  readonly title: string;
  readonly seen: Observation;
  readonly memory?: Partial<Memory>;
  readonly consents?: Consents;
  readonly now: number;
  readonly does: string;
};

const rows: readonly Row[] = [
  { title: "no key in the dead window", seen: trust(1), now: 169, does: "wait 170" },
  { title: "the pointer is on the wanted option", seen: trust(1), now: 170, does: "press enter" },
  { title: "the wanted option is below", seen: trust(0), now: 170, does: "press down" },
  {
    title: "the dead window counts from the last output",
    seen: trust(0),
    memory: { outputAt: 100 },
    now: 269,
    does: "wait 270",
  },
  {
    title: "no further wait for a program that draws all the time",
    seen: trust(0),
    memory: { outputAt: 1_150 },
    now: 1_170,
    does: "press down",
  },
  {
    title: "a dialog with a longer dead window of its own",
    seen: mcp,
    consents: { mcp: "use" },
    now: 269,
    does: "wait 270",
  },
  {
    title: "no key while the program writes",
    seen: trust(1),
    memory: { outputAt: 195, keysHere: 1 },
    now: 200,
    does: "wait 210",
  },
  {
    title: "an arrow moved the pointer just now",
    seen: trust(1),
    memory: { lastKey: key(200), pointedSince: 205, keysHere: 1 },
    now: 210,
    does: "wait 220",
  },
  {
    title: "an arrow moved the pointer, and it stays there",
    seen: trust(1),
    memory: { lastKey: key(200), pointedSince: 205, keysHere: 1 },
    now: 220,
    does: "press enter",
  },
  {
    title: "an arrow that has not moved the pointer yet",
    seen: trust(0),
    memory: { lastKey: key(200) },
    now: 499,
    does: "wait 500",
  },
  {
    title: "an arrow that was lost is pressed again, never Enter",
    seen: trust(0),
    memory: { lastKey: key(200) },
    now: 500,
    does: "press down",
  },
  {
    title: "no key, not even an arrow, while an Enter may take effect",
    seen: trust(0),
    memory: { lastKey: key(300, "enter"), entersHere: 1, pointedSince: 320 },
    now: 700,
    does: "wait 800",
  },
  {
    title: "the same dialog is still shown, and no proof came",
    seen: trust(1),
    memory: { lastKey: key(300, "enter"), entersHere: 1 },
    now: 800,
    does: "press enter",
  },
  {
    title: "a dialog that is confirmed once only",
    seen: resume,
    memory: { lastKey: key(300, "enter", "claude/resume-session"), entersHere: 1 },
    consents: { resume: "summary" },
    now: 5_000,
    does: "wait",
  },
  { title: "twelve keys on one dialog", seen: trust(0), memory: { keysHere: 12 }, now: 900, does: "wait" },
  { title: "thirty keys in one run", seen: trust(0), memory: { keys: 30 }, now: 900, does: "wait" },
  {
    title: "no consent",
    seen: trust(1),
    consents: {},
    now: 200,
    does: "blocked consent-needed claude/trust",
  },
  {
    title: "an answer that this dialog does not offer",
    seen: resume,
    consents: { resume: "new" },
    now: 200,
    does: "blocked consent-needed claude/resume-session",
  },
  { title: "an unknown list that may still be being drawn", seen: unknown, now: 999, does: "wait 1000" },
  {
    title: "an unknown list that stays",
    seen: unknown,
    now: 1_000,
    does: "blocked unknown-dialog claude/unknown",
  },
  { title: "a screen without a question", seen: { type: "nothing" }, now: 5_000, does: "wait" },
];

describe("decide", () => {
  test.each(rows)("$title: $does", ({ seen, memory = {}, consents = { trust: "accept" }, now, does }) => {
    const decision = decide(seen, stood(seen, memory), {
      pack: claudePack,
      consents,
      isFolderSaid: true,
      now,
    });
    expect(inWords(decision)).toBe(does);
  });

  test("counts keys per dialog and per run, and resets the first count at another question", () => {
    const seen = trust(1);
    if (seen.type !== "select") throw new Error("the screen is not read as a dialog");
    const after = pressed(stood(seen), "enter", seen, 300);
    expect(after).toMatchObject({ keys: 1, keysHere: 1, entersHere: 1 });
    expect(remember(after, unknown, 400)).toMatchObject({
      keys: 1,
      keysHere: 0,
      entersHere: 0,
      screenSince: 400,
    });
  });

  test("waits as long as the slowest move took before it presses Enter", () => {
    const asked = trust(0);
    if (asked.type !== "select") throw new Error("the screen is not read as a dialog");
    const twice = pressed(pressed(stood(asked), "down", asked, 200), "down", asked, 500);
    const moved = remember(twice, trust(1), 540);
    const undone = remember(moved, trust(0), 600);
    const again = remember(pressed(undone, "down", asked, 620), trust(1), 625);
    expect(decideAt(moved, 879)).toBe("wait 880");
    expect(decideAt(moved, 880)).toBe("press enter");
    expect(decideAt(again, 900)).toBe("wait 965");
  });

  test("waits out the dead window again when a dialog comes back", () => {
    const away = remember(stood(trust(1)), { type: "nothing" }, 500);
    const back = remember(away, trust(1), 510);
    const decision = decide(trust(1), back, {
      pack: claudePack,
      consents: { trust: "accept" },
      isFolderSaid: true,
      now: 600,
    });
    expect(inWords(decision)).toBe(`wait ${510 + claudePack.deadWindowMs}`);
  });

  test("presses no key for 500 ms when an answered dialog comes back: it may be an old frame", () => {
    const seen = trust(1);
    if (seen.type !== "select") throw new Error("the screen is not read as a dialog");
    const after = pressed(stood(seen), "enter", seen, 300);
    const back = remember(remember(after, unknown, 400), seen, 1_000);
    const at = (now: number) =>
      inWords(
        decide(seen, back, { pack: claudePack, consents: { trust: "accept" }, isFolderSaid: true, now }),
      );
    expect([at(1_499), at(1_500)]).toEqual(["wait 1500", "press enter"]);
  });

  test("presses no key on a second, known question about trust: the consent was for the first one", () => {
    const first = trust(1);
    const second = observe(
      [...texts.trustFiles(), " ❯ Yes, proceed", "   No, exit", texts.confirm],
      claudePack,
    );
    if (first.type !== "select" || second.type !== "select") throw new Error("no dialog is read");
    const after = remember(pressed(stood(first), "enter", first, 300), second, 400);
    expect(decideOn(second, after, 5_000)).toBe("blocked consent-needed claude/trust-files");
    expect(decideOn(first, remember(after, first, 6_000), 7_000)).toBe("press enter");
  });

  test("confirms only one question of a rule that commits, for any kind", () => {
    const [first, second] = ["docs", "shop"].map((server) =>
      observe(
        [
          ` New MCP server found in this project: ${server}`,
          ...texts.mcp.slice(1),
          " ❯ Use this MCP server",
          "   Continue without using this MCP server",
          texts.confirm,
        ],
        claudePack,
      ),
    );
    if (first?.type !== "select" || second?.type !== "select") throw new Error("no dialog is read");
    const does = (commits: boolean): string => {
      const [one, other] = [first, second].map(({ rule, ...seen }) => ({
        ...seen,
        rule: { ...rule, ...(commits && { commits }) },
      }));
      if (!one || !other) throw new Error("no dialog is read");
      const after = remember(pressed(stood(one), "enter", one, 300), other, 400);
      const context = { pack: claudePack, consents: { mcp: "use" }, isFolderSaid: true, now: 5_000 } as const;
      return inWords(decide(other, after, context));
    };
    expect([does(true), does(false)]).toEqual(["blocked consent-needed claude/mcp-server", "press enter"]);
  });

  test("presses no key on a dialog that names a folder if the caller did not name the started folder", () => {
    const seen = trust(1);
    const context = {
      pack: claudePack,
      consents: { trust: "accept" },
      isFolderSaid: false,
      now: 5_000,
    } as const;
    expect(inWords(decide(seen, stood(seen), context))).toBe("blocked consent-needed claude/trust");
    const granted = { ...context, consents: { resume: "summary" } } as const;
    expect(inWords(decide(resume, stood(resume), granted))).toBe("press enter");
  });

  test("waits 500 ms after the pointer moved by itself, except when it undid one of our moves", () => {
    const strayed = remember(remember(emptyMemory(0), trust(0), 0), trust(1), 400);
    expect([decideAt(strayed, 899), decideAt(strayed, 900)]).toEqual(["wait 900", "press enter"]);
    const asked = trust(0);
    if (asked.type !== "select") throw new Error("the screen is not read as a dialog");
    const moved = remember(pressed(stood(asked), "down", asked, 200), trust(1), 205);
    const undone = remember(moved, trust(0), 300);
    expect(undone.restMs).toBeLessThan(500);
    expect(remember(undone, trust(1), 400).restMs).toBe(500);
  });

  test("presses no second Enter when a dialog with memory once comes back", () => {
    const seen = observe(geminiTrust, geminiPack);
    if (seen.type !== "select") throw new Error("the screen is not read as a dialog");
    const after = pressed(stood(seen), "enter", seen, 300);
    const back = remember(remember(after, { type: "nothing" }, 400), seen, 1_000);
    const decision = decide(seen, back, {
      pack: geminiPack,
      consents: { trust: "accept" },
      isFolderSaid: true,
      now: 5_000,
    });
    expect(inWords(decision)).toBe("wait");
  });

  test("presses no key on a passing screen, and does not end the run", () => {
    const rows = [...geminiTrust, "", " Gemini CLI is restarting to apply the trust changes..."];
    const seen = observe(rows, geminiPack);
    const decision = decide(seen, stood(seen), {
      pack: geminiPack,
      consents: { trust: "accept" },
      isFolderSaid: true,
      now: 9_000,
    });
    expect([seen.type, inWords(decision)]).toEqual(["passing", "wait"]);
  });

  test("waits a block rule's standsMs before it leaves the screen to a person", () => {
    const seen = observe([" How would you like to authenticate for this project?"], geminiPack);
    const at = (now: number) =>
      inWords(decide(seen, stood(seen), { pack: geminiPack, consents: {}, isFolderSaid: true, now }));
    expect([at(1_999), at(2_000)]).toEqual(["wait 2000", "blocked sign-in-needed gemini/sign-in"]);
  });

  test("waits before it accepts a ready screen that a program draws before its dialogs", () => {
    const seen = observe(["", "› Ask Codex to do anything", "", "  ? for shortcuts"], codexPack);
    const at = (now: number) =>
      inWords(decide(seen, stood(seen), { pack: codexPack, consents: {}, isFolderSaid: true, now }));
    expect([at(2_999), at(3_000)]).toEqual(["wait 3000", "ready"]);
  });

  test("decides within 25 ms once the screen is still and the dead window is over", () => {
    expect(pace.stillMs).toBeLessThanOrEqual(25);
  });
});

const decideAt = (memory: Memory, now: number): string =>
  inWords(
    decide(trust(1), memory, { pack: claudePack, consents: { trust: "accept" }, isFolderSaid: true, now }),
  );

const decideOn = (seen: Observation, memory: Memory, now: number): string =>
  inWords(decide(seen, memory, { pack: claudePack, consents: { trust: "accept" }, isFolderSaid: true, now }));

const inWords = (decision: Decision): string => {
  switch (decision.type) {
    case "wait":
      return decision.again === null ? "wait" : `wait ${decision.again}`;
    case "press":
      return `press ${decision.key}`;
    case "ready":
    case "answered":
      return decision.type;
    case "blocked":
      return `blocked ${decision.code} ${decision.dialog}`;
  }
};
