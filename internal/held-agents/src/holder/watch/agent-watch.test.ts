import { describe, expect, test } from "vitest";
import { composer, makeWatchBed as makeBed } from "../watch-bed.fixture.ts";

const update = `  Update available · 0.169.0 → 99.0.0
  Release notes: https://github.com/openai/codex/releases/latest

› 1. Update now (runs \`npm install -g @openai/codex\`)
  2. Skip
  3. Skip until next version

  enter continue · esc skip`;
const hooks = `  Hooks need review
  1 hook is new or changed.

› 1. Review hooks
  2. Trust all and continue

  Press enter to confirm or esc to go back`;
const permission = (secret: string): string => `  Would you like to run the following command?

  $ deploy ${secret}

› 1. Yes, proceed with ${secret}
  2. No, and tell Codex what to do differently

  Press enter to confirm or esc to cancel`;

describe("a consent for the start", () => {
  test("counts before the agent was ready, and for nothing that it draws later", async () => {
    const bed = makeBed((data) => (data === "\r" ? composer() : null));
    bed.ask(update);
    await bed.pass(10_000);
    expect(bed.keys).toEqual(["\x1b[B", "\r"]);
    expect(bed.watch.view()).toEqual({ state: "ready" });
    bed.ask(update.replaceAll("99.0.0", "99.0.1"));
    await bed.pass(10_000);
    expect(bed.keys).toHaveLength(2);
    expect(bed.watch.view()).toMatchObject({ state: "waiting", question: { code: "consent-needed" } });
  });

  test("that its dialog does not take is left to a person", async () => {
    const bed = makeBed();
    bed.ask(update);
    await bed.pass(50_000);
    expect(bed.watch.view()).toMatchObject({
      state: "waiting",
      question: { dialog: "codex/update-brief", code: "consent-needed" },
    });
  });
});

describe("an answer", () => {
  test("names an option as it is shown, and the question that was read", async () => {
    const bed = makeBed((data) => (data === "\r" ? composer() : null));
    await bed.ready();
    bed.ask(permission("hunter2"));
    await bed.pass(5_000);
    const { question } = bed.watch.view();
    expect(question?.options[0]).toBe("Yes, proceed with [secret]");
    bed.ask(permission("hunter3"));
    await bed.pass(5_000);
    expect(await bed.watch.answer("Yes", question?.id)).toMatchObject({
      error: { code: "question-changed" },
    });
    bed.ask(permission("hunter2"));
    await bed.pass(5_000);
    expect(await bed.watch.answer("Maybe")).toMatchObject({
      error: { code: "no-such-option", options: question?.options },
    });
    expect(bed.keys).toEqual([]);
    const answered = bed.watch.answer("Yes, proceed with [secret]", question?.id);
    expect(await bed.clock.runUntil(answered)).toEqual({ ok: true, value: null });
    expect(bed.keys).toEqual(["\r"]);
  });

  test("to a screen that only a person can see to says so, whatever the question", async () => {
    const bed = makeBed();
    bed.draw(hooks);
    await bed.pass(5_000);
    expect(bed.watch.view()).toMatchObject({ state: "waiting" });
    expect(await bed.watch.answer("Review hooks")).toMatchObject({ error: { code: "attach-needed" } });
  });
});

describe("a draft that a person types at an attached terminal", () => {
  const menu = `\n› /e\n\n› 1. /exit    leave the session\n  2. /export  save the session`;
  const asked = { state: "waiting", question: { code: "unknown-dialog" } };

  test("has its own menu, which is no question, until they leave", async () => {
    const bed = makeBed();
    await bed.ready();
    bed.watch.personTyped("/e");
    bed.draw(menu);
    await bed.pass(5_000);
    expect(bed.watch.view()).toEqual({ state: "ready" });
    bed.watch.personTyped(null);
    await bed.pass(5_000);
    expect(bed.watch.view()).toMatchObject(asked);
  });

  test.for([
    { name: "sent", data: ["/model", "\r"] },
    { name: "dropped with Escape", data: ["/e", "\x1b"] },
    { name: "never begun: they pressed an arrow", data: ["\x1b[A"] },
  ])("hides no question once it is $name", async ({ data }) => {
    const bed = makeBed();
    await bed.ready();
    for (const typed of data) bed.watch.personTyped(typed);
    bed.draw(menu);
    await bed.pass(5_000);
    expect(bed.watch.view()).toMatchObject(asked);
  });
});
