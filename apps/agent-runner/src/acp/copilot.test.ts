import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { providerPlace, type PlaceOptions } from "../provider.fixture.ts";
import { copilot } from "./copilot.ts";

/** What Copilot is started with in a workload's folder. */
const prepared = (over: PlaceOptions = {}) => {
  const gateway = { url: "http://127.0.0.1:99", tokenCommand: "cat /s/token", tokenFile: "/s/token" };
  const place = providerPlace({ gateway, ...over });
  return { own: join(place.folder, "out/copilot"), start: () => copilot.prepare(place) };
};

describe("copilot", () => {
  test("asks the models by the gateway, with a token that no environment has", async () => {
    const { env } = await prepared({ json: { model: "claude-x" } }).start();
    expect(env).toMatchObject({
      COPILOT_PROVIDER_TYPE: "anthropic",
      COPILOT_PROVIDER_BASE_URL: "http://127.0.0.1:99",
      COPILOT_PROVIDER_API_KEY_COMMAND: "cat /s/token",
      COPILOT_PROVIDER_WIRE_MODEL: "claude-x",
      COPILOT_OFFLINE: "true",
    });
    expect(env).not.toHaveProperty("COPILOT_PROVIDER_API_KEY");
  });

  test("has no tool that starts programs of the folder, and the servers with an address", async () => {
    const mcpServers = { task: { url: "http://a" }, lsp: { command: "serve" } };
    const { command } = await prepared({ json: { mcpServers } }).start();
    const [list = ""] = command.flatMap((word) => /^--available-tools=(.*)$/.exec(word)?.[1] ?? []);
    const own = ["bash", "read_bash", "stop_bash", "list_bash", "view", "grep", "glob", "create", "edit"];
    // A server's name without `/*` could be that of a tool.
    expect(list.split(",")).toEqual([...own, "skill", "task/*"]);
  });

  test("takes no settings, tokens or addresses from the operator's environment", async () => {
    const foreign = [
      "COPILOT_ALLOW_ALL",
      "COPILOT_GITHUB_TOKEN",
      "GITHUB_COPILOT_PROMPT_MODE_REPO_HOOKS",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
    ];
    const given = Object.fromEntries(["COPILOT_HOME", "TMPDIR", ...foreign].map((name) => [name, "theirs"]));
    const { own, start } = prepared({ env: { PATH: "/bin", ...given } });
    const { env } = await start();
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining([expect.stringMatching(foreign.join("|"))]));
    expect([env["PATH"], env["COPILOT_HOME"], env["TMPDIR"]]).toEqual(["/bin", own, join(own, "tmp")]);
    expect(existsSync(join(own, "tmp"))).toBe(true);
  });

  test.each([
    { hooks: "work/.github/hooks/a/b.json", isRefused: true },
    { hooks: ".github/hooks/a.json", isRefused: true },
    { hooks: "beside/.github/hooks/a.json", isRefused: false },
    { hooks: "work/.github/a.json", isRefused: false },
  ])(
    "does not work in a folder whose hooks it would run: $hooks: $isRefused",
    async ({ hooks, isRefused }) => {
      const place = providerPlace();
      expect(await copilot.refusal(place)).toBeNull();
      mkdirSync(join(place.folder, hooks), { recursive: true });
      const message = expect.stringContaining(join(".github", "hooks")) as unknown;
      expect(await copilot.refusal(place)).toEqual(isRefused ? { code: "failed", message } : null);
    },
  );

  test("does not work beside a link to hooks either", async () => {
    const place = providerPlace();
    mkdirSync(join(place.cwd, ".github"));
    symlinkSync("nowhere", join(place.cwd, ".github/hooks"));
    expect(await copilot.refusal(place)).toMatchObject({ code: "failed" });
  });

  test("keeps its conversations at a restart, and no other file that an agent wrote there", async () => {
    const { own, start } = prepared();
    await start();
    const names = ["session-state/a", "cache/a.js", "tmp/a", "mcp-config.json", "agents/a", "hooks"];
    for (const folder of ["session-state", "cache", "agents"]) mkdirSync(join(own, folder));
    for (const name of [...names, "settings.json"]) writeFileSync(join(own, name), "x");
    await start();
    expect(names.filter((name) => existsSync(join(own, name)))).toEqual(["session-state/a"]);
    const settings = JSON.parse(readFileSync(join(own, "settings.json"), "utf8")) as object;
    expect(settings).toMatchObject({ disableAllHooks: true, autoUpdate: false });
  });

  test.each([
    { text: "Info: Operation cancelled by user", isNotice: true },
    { text: "Info: Disabled tools: list_agents, lsp", isNotice: true },
    { text: 'Info: Unknown tool name in the tool allowlist: "rss/*"', isNotice: true },
    { text: "Info: Request failed due to a transient API error. Retrying...", isNotice: true },
    { text: "Info: Response was interrupted due to a server error. Retrying...", isNotice: true },
    { text: "Info: /srv/groups/ana/new.txt", isNotice: true },
    { text: 'Warning: No token count multiplier is known for Anthropic model "m".', isNotice: true },
    { text: "Info: /srv is full.\nShall I look?", isNotice: false },
    { text: "Info: the tests pass.", isNotice: false },
    { text: "Warning: this deletes the table.", isNotice: false },
    { text: "It said Info: Operation cancelled by user", isNotice: false },
  ])("calls $text its own word, and not its model's: $isNotice", ({ text, isNotice }) =>
    expect(copilot.notice?.test(text)).toBe(isNotice),
  );

  test.each([
    { tool: "bash", input: { command: "ls" }, ms: 90_000 },
    { tool: "bash", input: { command: "ls", initial_wait: 120 }, ms: 180_000 },
    { tool: "view", input: {}, ms: null },
  ])("declares $tool with $input with its time limit, which it has in seconds", ({ tool, input, ms }) =>
    expect(copilot.toolTimeMs(tool, input)).toBe(ms),
  );
});

describe("the last words of a turn of Copilot", () => {
  const at = (ms: number): string => new Date(ms).toISOString();
  const [before, after] = [at(99), at(200)];
  const event = (type: string, data: object, timestamp = after) => ({ type, data, timestamp });
  const told = "Error: 402 the words";
  const failed = event("session.error", { errorType: "query", message: "402 the words", statusCode: 402 });

  /** Why a turn that began at 100 failed, with these events in the session's record. */
  const reasonOf = (last: string, ...events: readonly object[]) => {
    const place = providerPlace();
    const folder = join(place.folder, "out/copilot/session-state/s-1");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "events.jsonl"), events.map((each) => `${JSON.stringify(each)}\n`).join(""));
    return copilot.turnError?.(place, { session: "s-1", began: 100, last });
  };

  test.each([
    { what: "an error of its service", last: told, events: [failed], says: "the words" },
    {
      what: "an error without a status",
      last: "Error: Authentication failed (HTTP 401).",
      events: [event("session.error", { message: "Authentication failed (HTTP 401)." })],
      says: "Authentication failed (HTTP 401).",
    },
    {
      what: "the same words of its model",
      last: told,
      events: [event("assistant.message", { content: told })],
      says: null,
    },
    {
      what: "the end of what its model says",
      last: "Error: the tests fail",
      events: [event("assistant.message", { content: "I looked. Error: the tests fail" })],
      says: null,
    },
    {
      what: "the same words of its model, after an error of an earlier turn",
      last: told,
      events: [event("session.error", failed.data, before), event("assistant.message", { content: told })],
      says: null,
    },
    {
      what: "an error, after the same words of its model in an earlier turn",
      last: told,
      events: [event("assistant.message", { content: told }, before), failed],
      says: "the words",
    },
    {
      what: "words of its model, after another error that it got over",
      last: "Error: the tests fail",
      events: [failed, event("assistant.message", { content: "Error: the tests fail" })],
      says: null,
    },
  ])("are $what", async ({ last, events, says }) => expect(await reasonOf(last, ...events)).toBe(says));

  test.each(["Errors: 402", "error: 402", "It says Error: 402", ""])(
    "are those of its model, and no record is read: %j",
    async (last) => expect(await reasonOf(last, failed)).toBeNull(),
  );

  test("are an answer if the record has nothing of them", async () =>
    expect(await reasonOf(told, event("assistant.message", { content: "other words" }))).toBeNull());
});
