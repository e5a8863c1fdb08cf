import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { awaitHeld } from "./await-held.fixture.ts";
import { startHeld } from "./client/start-held.ts";
import { makeHeldBed, patience, type HeldBed } from "./held.fixture.ts";

const slow = { tags: ["slow"] };
const screenOf = async (bed: HeldBed): Promise<string> => (await bed.gatehouse("screen", "ana")).stdout;
const prompts = (bed: HeldBed): unknown[] =>
  bed.notes().flatMap((note) => (note.event === "prompt" ? [note["text"]] : []));

describe("a first prompt", () => {
  test("is typed once the agent is ready, and is on no command line", slow, async () => {
    const bed = makeHeldBed();
    const prompt = "echo a secret\nof two lines";
    const started = await startHeld(bed.startOf("ana", { prompt }));
    expect(started).toMatchObject({ ok: true });
    await expect.poll(() => prompts(bed), patience).toEqual([prompt]);
    const start = bed.notes().find(({ event }) => event === "start");
    expect(JSON.stringify(start)).not.toContain("secret");
  });

  test("waits behind a question, and is typed when that was answered", slow, async () => {
    const bed = makeHeldBed({ session: { start: "ask" } });
    await startHeld(bed.startOf("ana", { prompt: "echo hello" }));
    await expect.poll(async () => (await bed.agent("ana"))?.state, patience).toBe("waiting");
    expect(prompts(bed)).toEqual([]);
    expect((await bed.gatehouse("answer", "ana", "Yes, do it")).code).toBe(0);
    await expect.poll(() => prompts(bed), patience).toEqual(["echo hello"]);
  });

  test("that cannot be typed is told with a code and what to do", slow, async () => {
    const bed = makeHeldBed();
    await startHeld(bed.startOf("ana", { prompt: "echo \u001b[201~" }));
    const notice = { code: "prompt-not-sent", message: expect.stringContaining("control") as unknown };
    await expect.poll(() => bed.agent("ana"), patience).toMatchObject({ state: "ready", notice });
    expect((await bed.gatehouse("ps")).stdout).toContain("prompt-not-sent");
    expect(prompts(bed)).toEqual([]);
  });
});

test("of a CLI that no rule reads it is told at once that readiness cannot be proven", slow, async () => {
  const bed = makeHeldBed();
  const cli = join(bed.home, "../bin/claude");
  await startHeld(bed.startOf("ana", { provider: "opencode", cli }));
  const notice = { code: "readiness-unproven", fix: expect.stringContaining("attach") as unknown };
  expect(await bed.agent("ana")).toMatchObject({ state: "starting", notice });
  const { agents } = JSON.parse((await bed.gatehouse("ps", "--json")).stdout) as { agents: unknown };
  expect(agents).toMatchObject([{ member: "ana", state: "starting", notice }]);
  expect((await bed.gatehouse("logs", "ana")).stdout).toContain("readiness-unproven");
});

test("restart is a name that is kept: a usage error says what to do instead", slow, async () => {
  const refused = await makeHeldBed().gatehouse("restart", "ana", "--json");
  expect(refused.code).toBe(2);
  const message = expect.stringContaining("gatehouse stop ana") as unknown;
  expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, error: { code: "usage", message } });
});

describe("gatehouse send", () => {
  test("gives a prompt that is answered on the screen, and says that it works meanwhile", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana");
    expect(await bed.gatehouse("send", "ana", "echo", "hello there")).toMatchObject({
      code: 0,
      stdout: "sent\n",
    });
    await expect.poll(() => screenOf(bed), patience).toContain("● hello there");
    await expect.poll(async () => (await bed.agent("ana"))?.state, patience).toBe("ready");
    expect((await bed.gatehouse("send", "ana", "work 600000")).code).toBe(0);
    expect((await bed.agent("ana"))?.state).toBe("working");
  });

  test("keeps the lines of a file one prompt, and gives Enter again where it was lost", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana");
    expect((await bed.gatehouse("send", "ana", "lose")).code).toBe(0);
    const file = join(bed.home, "prompt.txt");
    writeFileSync(file, "echo one\ntwo\n");
    expect((await bed.gatehouse("send", "ana", "--file", file)).code).toBe(0);
    expect(prompts(bed)).toEqual(["lose", "echo one\ntwo"]);
  });

  test(
    "sends no keys in disguise, nothing that is empty, and answers nothing that is not asked",
    slow,
    async () => {
      const bed = makeHeldBed();
      await bed.ready("ana");
      for (const { words, code } of [
        { words: ["send", "ana", "echo \u001b[201~\rexit 1"], code: "control-characters" },
        { words: ["send", "ana", "  "], code: "empty" },
        { words: ["send", "ana", "/clear"], code: "is-command" },
        { words: ["send", "ana", "--command", "!ls"], code: "is-shell-command" },
        { words: ["answer", "ana", "Yes"], code: "nothing-asked" },
      ]) {
        const refused = await bed.gatehouse(...words, "--json");
        expect(refused.code).toBe(1);
        expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, error: { code } });
      }
      expect(bed.notes().filter(({ event }) => event === "prompt" || event === "answer")).toEqual([]);
    },
  );

  test("sends a command of the CLI if it is told that it is one", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana");
    expect((await bed.gatehouse("send", "ana", "--command", "/clear")).code).toBe(0);
    expect(prompts(bed)).toEqual(["/clear"]);
  });

  test("never types into a question", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana");
    await bed.gatehouse("send", "ana", "ask");
    await expect.poll(async () => (await bed.agent("ana"))?.state, patience).toBe("waiting");
    const before = bed.notes().length;
    const sent = await bed.gatehouse("send", "ana", "echo hello", "--json");
    expect(sent.code).toBe(3);
    expect(JSON.parse(sent.stdout)).toMatchObject({ ok: false, error: { code: "question" } });
    expect(bed.notes().slice(before)).toEqual([]);
  });
});

describe("gatehouse answer", () => {
  test("chooses the option with this text, of the question that ps names", slow, async () => {
    const bed = makeHeldBed({ session: { start: "ask" } });
    const started = await startHeld(bed.startOf("ana"));
    if (!started.ok) throw new Error(started.error.message);
    const outcome = await awaitHeld(started.value, { timeoutMs: 60_000 });
    expect(outcome).toMatchObject({
      state: "waiting",
      question: { dialog: "claude/unknown", options: ["Yes, do it", "No, and tell it what to do instead"] },
    });
    const { stdout } = await bed.gatehouse("ps", "--waiting", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      agents: [{ question: { text: expect.stringMatching(/Do you like this start\?$/) as string } }],
    });
    expect((await bed.gatehouse("answer", "ana", "no, and")).code).toBe(0);
    expect(bed.notes()).toContainEqual(
      expect.objectContaining({ event: "answer", chosen: "No, and tell it what to do instead" }),
    );
    await expect.poll(async () => (await bed.agent("ana"))?.state, patience).toBe("ready");
    expect(JSON.parse((await bed.gatehouse("ps", "--waiting", "--json")).stdout)).toMatchObject({
      agents: [],
    });
  });

  test("answers one question, not the next that looks like it", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana");
    await bed.gatehouse("send", "ana", "ask again");
    await expect.poll(async () => (await bed.agent("ana"))?.state, patience).toBe("waiting");
    expect((await bed.gatehouse("answer", "ana", "Yes, do it")).code).toBe(0);
    await expect
      .poll(async () => (await bed.agent("ana"))?.question?.text, patience)
      .toMatch(/May I run the second command\?$/);
    expect(bed.notes().filter(({ event }) => event === "answer")).toHaveLength(1);
    expect((await bed.gatehouse("answer", "ana", "Maybe", "--json")).stdout).toContain("no-such-option");
    expect(bed.notes().filter(({ event }) => event === "answer")).toHaveLength(1);
  });
});

test("what an agent draws obeys no terminal: not in screen, ps or logs", slow, async () => {
  const bed = makeHeldBed();
  await bed.ready("ana");
  await bed.gatehouse("send", "ana", "evil");
  await expect.poll(() => screenOf(bed), patience).toContain("plain");
  await bed.gatehouse("send", "ana", "exit 3");
  await expect.poll(async () => (await bed.agent("ana"))?.state, patience).toBe("ended");
  const shown = await Promise.all(
    [["screen", "ana"], ["logs", "ana"], ["logs", "ana", "--follow", "--json"], ["ps"], ["ps", "--json"]].map(
      (words) => bed.gatehouse(...words),
    ),
  );
  expect(shown.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
  expect(shown.map(({ stdout }) => stdout).join("")).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  expect(shown[1]?.stdout).toContain("ended exitCode=3");
});

test("10 MB of output leave the right screen", slow, async () => {
  const bed = makeHeldBed();
  await bed.ready("ana");
  await bed.gatehouse("send", "ana", "flood 10000000");
  await expect.poll(() => screenOf(bed), patience).toContain("● flooded 10000000");
  await expect.poll(async () => (await bed.agent("ana"))?.state, patience).toBe("ready");
  expect(await bed.gatehouse("send", "ana", "echo still here")).toMatchObject({ code: 0 });
  await expect.poll(() => screenOf(bed), patience).toContain("● still here");
});

test("gatehouse send --file - gives the prompt that stands on stdin", slow, async () => {
  const bed = makeHeldBed();
  await bed.ready("ana");
  expect(await bed.piped("echo two\nlines", "send", "ana", "--file", "-")).toMatchObject({ code: 0 });
  await expect.poll(() => prompts(bed), patience).toEqual(["echo two\nlines"]);
  const endless = await bed.piped("x".repeat(1024 * 1024 + 1), "send", "ana", "--file", "-");
  expect(endless).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("stdin cannot be read") as unknown,
  });
});

test("another program reaches it by the published client", slow, async () => {
  const bed = makeHeldBed();
  await bed.ready("ana");
  const example = fileURLToPath(
    new URL("../../../packages/team-launch/examples/reach-agents.ts", import.meta.url),
  );
  const node = ["--conditions=@nc/source", "--import", import.meta.resolve("tsx"), example];
  const reach = async (...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [...node, ...words], { env: bed.env })).stdout;
  expect(await reach("ana", "echo", "hello")).toBe("ana ready \nsent\n");
  await expect.poll(() => prompts(bed), patience).toEqual(["echo hello"]);
  expect(await reach("ana")).toContain("hello");
  await expect(reach("bo")).rejects.toThrow("no-such-member: ana");
});
