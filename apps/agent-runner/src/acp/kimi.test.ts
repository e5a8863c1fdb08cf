import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { providerPlace, type PlaceOptions } from "../provider.fixture.ts";
import { kimi } from "./kimi.ts";

/** A workload's folder with a token, and what Kimi Code is started with in it. */
const prepared = (over: PlaceOptions = {}) => {
  const made = providerPlace(over);
  const tokenFile = join(made.folder, "token");
  writeFileSync(tokenFile, "token-of-the-agent\n");
  const place = { ...made, gateway: { url: "http://127.0.0.1:99", tokenCommand: "", tokenFile } };
  const own = join(place.folder, "out/kimi");
  return {
    place,
    own,
    start: () => kimi.prepare(place),
    settings: () => readFileSync(join(own, "config.toml"), "utf8"),
  };
};

describe("kimi", () => {
  test("asks the models by the gateway, with a token that is in a private file alone", async () => {
    const { own, start, settings } = prepared({ json: { model: 'claude-"x' } });
    const { env } = await start();
    expect(settings().split("\n")).toEqual(
      expect.arrayContaining([
        'model = "claude-\\"x"',
        'base_url = "http://127.0.0.1:99"',
        'api_key = "token-of-the-agent"',
      ]),
    );
    expect(Object.values(env).join("\n")).not.toContain("token-of-the-agent");
    expect(statSync(join(own, "config.toml")).mode & 0o777).toBe(0o600);
  });

  test("has no tool that Kimi Code runs unasked beyond the group's folder", async () => {
    const { start, settings } = prepared();
    await start();
    const [, list = ""] = /^enabled = (.*)$/m.exec(settings()) ?? [];
    const own = ["Bash", "TaskList", "TaskOutput", "TaskStop", "WaitFor", "TodoList", "Skill"];
    expect(JSON.parse(list)).toEqual([...own, "mcp__*"]);
  });

  test("reads no settings but its own", async () => {
    const { own, start } = prepared({
      env: { PATH: "/bin", KIMI_CODE_HOME: "/elsewhere", KIMI_API_KEY: "k" },
    });
    const { env } = await start();
    expect(env["KIMI_CODE_HOME"]).toBe(own);
    expect(env).not.toHaveProperty("KIMI_API_KEY");
  });

  test("keeps its conversations at a restart, and no other file that an agent wrote there", async () => {
    const { own, start } = prepared();
    await start();
    const names = [
      "sessions/a",
      "session_index.jsonl",
      "mcp.json",
      "plugins/a",
      "workspace-trust/wd_a",
      "hooks",
    ];
    for (const folder of ["sessions", "plugins", "workspace-trust"]) mkdirSync(join(own, folder));
    for (const name of names) writeFileSync(join(own, name), "x");
    await start();
    expect(names.filter((name) => existsSync(join(own, name)))).toEqual([
      "sessions/a",
      "session_index.jsonl",
    ]);
  });

  test("does not read the group's instructions twice", async () => {
    const { place, own, start } = prepared();
    writeFileSync(join(place.cwd, "AGENTS.md"), "Say please.");
    await start();
    expect(readFileSync(join(own, "AGENTS.md"), "utf8")).toBe("");
  });

  test.each([
    { tool: "mcp__gatehouse__send_message", isAsked: false },
    { tool: "mcp__gatehouse__other", isAsked: true },
    { tool: "mcp__rss__send_message", isAsked: true },
    { tool: "Bash", isAsked: true },
    { tool: "Read", isAsked: true },
  ])("asks a person for $tool: $isAsked", ({ tool, isAsked }) =>
    expect(kimi.readPaths(tool, {}, "/w")).toEqual(isAsked ? null : []),
  );

  test.each([
    { tool: "Bash", input: { command: "ls" }, ms: 120_000 },
    { tool: "Bash", input: { command: "ls", timeout: 5 }, ms: 65_000 },
    { tool: "FetchURL", input: {}, ms: null },
  ])("declares $tool with $input with its time limit, which it has in seconds", ({ tool, input, ms }) =>
    expect(kimi.toolTimeMs(tool, input)).toBe(ms),
  );
});

describe("the end of a turn in the record of Kimi Code", () => {
  const vendor = '402 {"type":"error","error":{"message":"no money"}}';
  const ended = (fields: object): string => JSON.stringify({ type: "turn.ended", time: 200, ...fields });

  /** Why a turn that began at 100 failed, with these lines in the session's record. */
  const reasonOf = (...lines: readonly string[]) => {
    const { place, own } = prepared();
    const folder = join(own, "sessions/wd_a/s-1/agents/main");
    mkdirSync(folder, { recursive: true });
    appendFileSync(join(folder, "wire.jsonl"), lines.map((line) => `${line}\n`).join(""));
    return kimi.turnError?.(place, { session: "s-1", began: 100, last: "" });
  };

  test.each([
    { end: { reason: "completed" }, says: null },
    { end: { reason: "failed", error: { message: vendor } }, says: "no money" },
    { end: { reason: "failed", error: { message: "no network" } }, says: "no network" },
    { end: { reason: "failed" }, says: "Kimi Code does not say why its turn failed." },
  ])("$end says $says", async ({ end, says }) => expect(await reasonOf(ended(end))).toBe(says));

  test("is unknown without a record", async () =>
    expect(await kimi.turnError?.(prepared().place, { session: "s-1", began: 100, last: "" })).toBeNull());

  test("is that of this turn, not of one before it, and not what a tool wrote", async () => {
    const before = ended({ reason: "failed", time: 99 });
    const told = JSON.stringify({ type: "tool", text: ended({ reason: "failed" }) });
    expect(await reasonOf(before, ended({ reason: "completed" }), told)).toBeNull();
  });

  test("counts in a record that is longer than what is read of it", async () =>
    expect(await reasonOf("x".repeat(100_000), ended({ reason: "failed", error: { message: "x" } }))).toBe(
      "x",
    ));
});
