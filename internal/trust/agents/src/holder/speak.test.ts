// @module-tag rest
import process from "node:process";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { startHeld } from "@gatehouse/held-client";
import { awaitHeld } from "./await-held.fixture.ts";
import { makeHeldFixture, patience, type HeldFixture } from "./held.fixture.ts";

const slow = { tags: ["slow"] };
const screenOf = async (fixture: HeldFixture): Promise<string> =>
  (await fixture.gatehouse("screen", "ana")).stdout;
/** Answers the question that the agent asks now. */
const answer = async (fixture: HeldFixture, ...words: readonly string[]) => {
  const seen = (await fixture.agent("ana"))?.question?.id ?? "none";
  return fixture.gatehouse("answer", "ana", "--seen", seen, ...words);
};
const prompts = (fixture: HeldFixture): unknown[] =>
  fixture.notes().flatMap((note) => (note.event === "prompt" ? [note["text"]] : []));

describe("a first prompt", () => {
  test("is typed once the agent is ready, and is on no command line", slow, async () => {
    const fixture = makeHeldFixture();
    const prompt = "echo a secret\nof two lines";
    const started = await startHeld(fixture.startOf("ana", { prompt }));
    expect(started).toMatchObject({ ok: true });
    await expect.poll(() => prompts(fixture), patience).toEqual([prompt]);
    const start = fixture.notes().find(({ event }) => event === "start");
    expect(JSON.stringify(start)).not.toContain("secret");
  });

  test("waits while a question is open, and is typed after its answer", slow, async () => {
    const fixture = makeHeldFixture({ session: { start: "ask" } });
    await startHeld(fixture.startOf("ana", { prompt: "echo hello" }));
    await expect.poll(async () => (await fixture.agent("ana"))?.state, patience).toBe("waiting");
    expect(prompts(fixture)).toEqual([]);
    expect((await answer(fixture, "Yes, do it")).code).toBe(0);
    await expect.poll(() => prompts(fixture), patience).toEqual(["echo hello"]);
  });

  test("is reported with a code and a fix if it cannot be typed", slow, async () => {
    const fixture = makeHeldFixture();
    await startHeld(fixture.startOf("ana", { prompt: "echo \u001b[201~" }));
    const notice = { code: "prompt-not-sent", message: expect.stringContaining("control") as unknown };
    await expect.poll(() => fixture.agent("ana"), patience).toMatchObject({ state: "ready", notice });
    expect((await fixture.gatehouse("ps")).stdout).toContain("prompt-not-sent");
    expect(prompts(fixture)).toEqual([]);
  });
});

test("an agent without a rule pack gets the notice readiness-unproven at once", slow, async () => {
  const fixture = makeHeldFixture();
  const cli = join(fixture.home, "../bin/claude");
  await startHeld(fixture.startOf("ana", { provider: "opencode", cli }));
  const notice = { code: "readiness-unproven", fix: expect.stringContaining("attach") as unknown };
  expect(await fixture.agent("ana")).toMatchObject({ state: "starting", notice });
  const { agents } = JSON.parse((await fixture.gatehouse("ps", "--json")).stdout) as { agents: unknown };
  expect(agents).toMatchObject([{ member: "ana", state: "starting", notice }]);
  expect((await fixture.gatehouse("logs", "ana")).stdout).toContain("readiness-unproven");
});

describe("gatehouse send", () => {
  test("sends a prompt that is answered on the screen, and reports working meanwhile", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    expect(await fixture.gatehouse("send", "ana", "echo", "hello there")).toMatchObject({
      code: 0,
      stdout: "sent\n",
    });
    await expect.poll(() => screenOf(fixture), patience).toContain("● hello there");
    await expect.poll(async () => (await fixture.agent("ana"))?.state, patience).toBe("ready");
    expect((await fixture.gatehouse("send", "ana", "work 600000")).code).toBe(0);
    expect((await fixture.agent("ana"))?.state).toBe("working");
  });

  test("sends the lines of a file as one prompt, and presses Enter again if it was lost", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    expect((await fixture.gatehouse("send", "ana", "lose")).code).toBe(0);
    const file = join(fixture.home, "prompt.txt");
    writeFileSync(file, "echo one\ntwo\n");
    expect((await fixture.gatehouse("send", "ana", "--file", file)).code).toBe(0);
    expect(prompts(fixture)).toEqual(["lose", "echo one\ntwo"]);
  });

  test("refuses control characters and an empty prompt, and an answer without a question", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    for (const { words, code } of [
      { words: ["send", "ana", "echo \u001b[201~\rexit 1"], code: "control-characters" },
      { words: ["send", "ana", "  "], code: "empty" },
      { words: ["send", "ana", "/clear"], code: "is-command" },
      { words: ["send", "ana", "--command", "!ls"], code: "is-shell-command" },
      { words: ["answer", "ana", "--seen", "0", "Yes"], code: "nothing-asked" },
    ]) {
      const refused = await fixture.gatehouse(...words, "--json");
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, error: { code } });
    }
    expect(fixture.notes().filter(({ event }) => event === "prompt" || event === "answer")).toEqual([]);
  });

  test("sends a command of the CLI with --command", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    expect((await fixture.gatehouse("send", "ana", "--command", "/clear")).code).toBe(0);
    expect(prompts(fixture)).toEqual(["/clear"]);
  });

  test("never types into a question", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    await fixture.gatehouse("send", "ana", "ask");
    await expect.poll(async () => (await fixture.agent("ana"))?.state, patience).toBe("waiting");
    const before = fixture.notes().length;
    const sent = await fixture.gatehouse("send", "ana", "echo hello", "--json");
    expect(sent.code).toBe(3);
    expect(JSON.parse(sent.stdout)).toMatchObject({ ok: false, error: { code: "question" } });
    expect(fixture.notes().slice(before)).toEqual([]);
  });
});

describe("gatehouse answer", () => {
  test("chooses the option with this text, of the question in ps", slow, async () => {
    const fixture = makeHeldFixture({ session: { start: "ask" } });
    const started = await startHeld(fixture.startOf("ana"));
    if (!started.ok) throw new Error(started.error.message);
    const outcome = await awaitHeld(started.value, { timeoutMs: 60_000 });
    expect(outcome).toMatchObject({
      state: "waiting",
      question: { dialog: "claude/unknown", options: ["Yes, do it", "No, and tell it what to do instead"] },
    });
    const { stdout } = await fixture.gatehouse("ps", "--waiting", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      agents: [{ question: { text: expect.stringMatching(/Do you like this start\?$/) as string } }],
    });
    expect((await answer(fixture, "no, and")).code).toBe(0);
    expect(fixture.notes()).toContainEqual(
      expect.objectContaining({ event: "answer", chosen: "No, and tell it what to do instead" }),
    );
    await expect.poll(async () => (await fixture.agent("ana"))?.state, patience).toBe("ready");
    expect(JSON.parse((await fixture.gatehouse("ps", "--waiting", "--json")).stdout)).toMatchObject({
      agents: [],
    });
  });

  test("is logged with the account of the person, as a prompt is", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    await fixture.gatehouse("send", "ana", "ask");
    await expect.poll(async () => (await fixture.agent("ana"))?.state, patience).toBe("waiting");
    await answer(fixture, "Yes, do it");
    const log = (await fixture.gatehouse("logs", "ana")).stdout;
    const { username } = userInfo();
    expect(log).toContain(` send characters=3 by=${username}\n`);
    expect(log).toContain(` answer dialog=claude/unknown option=Yes, do it by=${username}\n`);
  });

  test(
    "answers only the question with the code that a person has seen, and says what is asked now",
    slow,
    async () => {
      const fixture = makeHeldFixture();
      await fixture.ready("ana");
      await fixture.gatehouse("send", "ana", "ask again");
      await expect.poll(async () => (await fixture.agent("ana"))?.state, patience).toBe("waiting");
      const listed = (await fixture.gatehouse("ps", "--waiting")).stdout;
      expect(listed).toMatch(/\n {2}> +May I run the first command\?\n/);
      const [, seen = ""] = /gatehouse answer \S+ --seen ([0-9a-f]{12}) OPTION /.exec(listed) ?? [];
      const screen = await fixture.gatehouse("screen", "ana");
      expect(screen.stderr).toContain(`--seen ${seen} OPTION`);
      expect(await fixture.gatehouse("answer", "ana", "Yes, do it")).toMatchObject({ code: 2 });
      expect((await fixture.gatehouse("answer", "ana", "--seen", seen, "Yes, do it")).code).toBe(0);
      await expect
        .poll(async () => (await fixture.agent("ana"))?.question?.text, patience)
        .toMatch(/May I run the second command\?$/);
      const now = (await fixture.agent("ana"))?.question?.id ?? "";
      for (const wrong of [seen, now.slice(0, 8), now.toUpperCase(), ""]) {
        const refused = await fixture.gatehouse("answer", "ana", "--seen", wrong, "Yes, do it", "--json");
        expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "question-changed" } });
        expect(refused.stdout).toContain("May I run the second command?");
        expect(refused.stdout).toContain(now);
      }
      expect(fixture.notes().filter(({ event }) => event === "answer")).toHaveLength(1);
    },
  );

  test("answers one question, and not the next that looks like it", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    await fixture.gatehouse("send", "ana", "ask again");
    await expect.poll(async () => (await fixture.agent("ana"))?.state, patience).toBe("waiting");
    expect((await answer(fixture, "Yes, do it")).code).toBe(0);
    await expect
      .poll(async () => (await fixture.agent("ana"))?.question?.text, patience)
      .toMatch(/May I run the second command\?$/);
    expect(fixture.notes().filter(({ event }) => event === "answer")).toHaveLength(1);
    expect((await answer(fixture, "Maybe", "--json")).stdout).toContain("no-such-option");
    expect(fixture.notes().filter(({ event }) => event === "answer")).toHaveLength(1);
  });
});

test("screen, ps and logs escape control characters that an agent draws", slow, async () => {
  const fixture = makeHeldFixture();
  await fixture.ready("ana");
  await fixture.gatehouse("send", "ana", "evil");
  await expect.poll(() => screenOf(fixture), patience).toContain("plain");
  await fixture.gatehouse("send", "ana", "exit 3");
  await expect.poll(async () => (await fixture.agent("ana"))?.state, patience).toBe("ended");
  const shown = await Promise.all(
    [["screen", "ana"], ["logs", "ana"], ["logs", "ana", "--follow", "--json"], ["ps"], ["ps", "--json"]].map(
      (words) => fixture.gatehouse(...words),
    ),
  );
  expect(shown.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
  expect(shown.map(({ stdout }) => stdout).join("")).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  expect(shown[1]?.stdout).toContain("ended exitCode=3");
});

test("the screen is right after 10 MB of output", slow, async () => {
  const fixture = makeHeldFixture();
  await fixture.ready("ana");
  await fixture.gatehouse("send", "ana", "flood 10000000");
  await expect.poll(() => screenOf(fixture), patience).toContain("● flooded 10000000");
  await expect.poll(async () => (await fixture.agent("ana"))?.state, patience).toBe("ready");
  expect(await fixture.gatehouse("send", "ana", "echo still here")).toMatchObject({ code: 0 });
  await expect.poll(() => screenOf(fixture), patience).toContain("● still here");
});

test("gatehouse send --file - sends the prompt from stdin", slow, async () => {
  const fixture = makeHeldFixture();
  await fixture.ready("ana");
  expect(await fixture.piped("echo two\nlines", "send", "ana", "--file", "-")).toMatchObject({ code: 0 });
  await expect.poll(() => prompts(fixture), patience).toEqual(["echo two\nlines"]);
  const endless = await fixture.piped("x".repeat(1024 * 1024 + 1), "send", "ana", "--file", "-");
  expect(endless).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("stdin cannot be read") as unknown,
  });
});

test("the published client reaches a held agent", slow, async () => {
  const fixture = makeHeldFixture();
  await fixture.ready("ana");
  const example = fileURLToPath(
    new URL("../../../../../packages/team-launch/examples/reach-agents.ts", import.meta.url),
  );
  const node = ["--conditions=@nc/source", "--import", import.meta.resolve("tsx"), example];
  const reach = async (...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [...node, ...words], { env: fixture.env })).stdout;
  expect(await reach("ana", "echo", "hello")).toBe("ana ready \nsent\n");
  await expect.poll(() => prompts(fixture), patience).toEqual(["echo hello"]);
  expect(await reach("ana")).toContain("hello");
  await expect(reach("bo")).rejects.toThrow("no-such-member: ana");
});
