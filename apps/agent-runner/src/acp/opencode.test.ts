import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { providerPlace, type PlaceOptions } from "../provider.fixture.ts";
import { opencode } from "./opencode.ts";

const fixtures = join(import.meta.dirname, "../../../../test-fixtures/opencode");
const gateway = { url: "http://127.0.0.1:99", tokenCommand: "cat /s/token", tokenFile: "/s/token" };

/** A workload's folder, and what OpenCode is started with in it. */
const prepared = (over: PlaceOptions = {}) => {
  const place = providerPlace({ gateway, ...over });
  const own = join(place.folder, "out/opencode");
  return {
    cwd: place.cwd,
    own,
    config: join(own, "config/opencode"),
    start: () => opencode.prepare(place),
  };
};

const settingsIn = (config: string) =>
  JSON.parse(readFileSync(join(config, "opencode.json"), "utf8")) as {
    readonly model?: string;
    readonly provider: Readonly<Record<string, object>>;
    readonly permission: Readonly<Record<string, string>>;
  };

describe("opencode", () => {
  test("asks the models by the gateway, with a token that is in a file alone", async () => {
    const { config, start } = prepared({ json: { model: "claude-x" } });
    const { env } = await start();
    const settings = settingsIn(config);
    expect(settings.model).toBe("anthropic/claude-x");
    expect(settings.provider).toEqual({
      anthropic: {
        models: { "claude-x": {} },
        options: { baseURL: "http://127.0.0.1:99/v1", apiKey: "{file:/s/token}" },
      },
    });
    expect(Object.values(env).join("\n")).not.toContain("/s/token");
    expect(statSync(join(config, "opencode.json")).mode & 0o777).toBe(0o600);
  });

  test("asks for every tool but skills, plans and those of the host; the rule for all comes first, since the last one counts", async () => {
    const { config, start } = prepared();
    await start();
    const { permission } = settingsIn(config);
    expect(Object.keys(permission)[0]).toBe("*");
    expect(permission["*"]).toBe("ask");
    const allowed = Object.keys(permission).filter((name) => permission[name] === "allow");
    const own = ["send_message", "ncl", "install_packages", "add_mcp_server"].map(
      (name) => `gatehouse_${name}`,
    );
    expect(allowed).toEqual(["skill", "todowrite", ...own]);
  });

  test("gets no variable with a key, or with other settings of a CLI", async () => {
    const leaves = [
      ...["ANTHROPIC_API_KEY", "OPENCODE_CONFIG_CONTENT", "OPENAI_API_KEY", "GEMINI_API_KEY", "QWEN_HOME"],
      ...["DASHSCOPE_API_KEY", "KIMI_MODEL_API_KEY", "COPILOT_GITHUB_TOKEN"],
    ];
    const env = { PATH: "/bin", ...Object.fromEntries(leaves.map((name) => [name, "k"])) };
    const launch = await prepared({ env }).start();
    expect(launch.env).toMatchObject({ PATH: "/bin", OPENCODE_DISABLE_PROJECT_CONFIG: "1" });
    for (const name of leaves) expect(launch.env).not.toHaveProperty(name);
  });

  test("gets a new password for each process", async () => {
    const { start } = prepared();
    const [first, second] = [await start(), await start()];
    expect(first.env["OPENCODE_SERVER_PASSWORD"]).toMatch(/^[0-9a-f]{64}$/);
    expect(first.env["OPENCODE_SERVER_PASSWORD"]).not.toBe(second.env["OPENCODE_SERVER_PASSWORD"]);
  });

  test("holds its second loader of plugins with the first plugin, and starts no program of the folder", async () => {
    const { config, start } = prepared();
    const { env } = await start();
    expect(readdirSync(join(config, "plugins")).toSorted()).toEqual(["1-wait.js", "2-end.js"]);
    expect(readFileSync(join(config, "plugins/1-wait.js"), "utf8")).toBe("await new Promise(() => {});\n");
    expect(settingsIn(config)).toMatchObject({ lsp: false, formatter: false });
    expect(env).toMatchObject({ OPENCODE_DISABLE_EXTERNAL_SKILLS: "1" });
  });

  test("keeps its conversations at a restart, and no other file that an agent wrote there", async () => {
    const { own, config, start } = prepared();
    await start();
    mkdirSync(join(own, "data/opencode"), { recursive: true });
    mkdirSync(join(own, "home/.opencode"));
    const written = [
      join(config, "opencode.jsonc"),
      join(config, "agent.md"),
      join(own, "home/.opencode/x.json"),
    ];
    for (const file of [...written, join(own, "data/opencode/opencode.db")]) writeFileSync(file, "x");
    await start();
    expect(written.filter((file) => existsSync(file))).toEqual([]);
    expect(existsSync(join(own, "data/opencode/opencode.db"))).toBe(true);
  });

  test("reads the group's instructions", async () => {
    const { cwd, config, start } = prepared();
    writeFileSync(join(cwd, "AGENTS.md"), "Say please.");
    await start();
    expect(readFileSync(join(config, "AGENTS.md"), "utf8")).toBe("Say please.");
  });

  test("names the MCP servers that failed, as the real program logs them", async () => {
    const { isLog } = await prepared().start();
    const lines = readFileSync(join(fixtures, "opencode-1.18.33-mcp-servers.log"), "utf8").trim().split("\n");
    expect(lines.map((line) => isLog?.(line))).not.toContain(false);
    expect(lines.flatMap((line) => opencode.failedServer(line) ?? [])).toEqual([
      { name: "missing", failure: "unknown" },
      { name: "ends", failure: "unknown" },
      { name: "unreachable", failure: "unknown" },
      { name: "nothing", failure: "unknown" },
      { name: "auth", failure: "sign-in" },
      { name: "hang", failure: "unknown" },
    ]);
  });

  test.each([
    'message="server unavailable" key=web type=local status=failed',
    'timestamp=2026-11-28T10:31:35.298Z level=WARN run=2c message="server available" key=web type=local status=failed',
  ])("names no failed MCP server by %s", (line) => expect(opencode.failedServer(line)).toBeNull());

  test.each([
    { tool: "bash", input: { command: "ls" }, ms: 180_000 },
    { tool: "bash", input: { command: "ls", timeout: 5_000 }, ms: 65_000 },
    { tool: "webfetch", input: {}, ms: null },
  ])("declares $tool with $input with its time limit", ({ tool, input, ms }) =>
    expect(opencode.toolTimeMs(tool, input)).toBe(ms),
  );
});
