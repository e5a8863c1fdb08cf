import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { providerPlace, type PlaceOptions } from "../provider.fixture.ts";
import { qwen } from "./qwen.ts";

/** A workload's folder with a token, and what Qwen Code is started with in it. */
const prepared = (over: PlaceOptions = {}) => {
  const made = providerPlace(over);
  const tokenFile = join(made.folder, "token");
  writeFileSync(tokenFile, "token-of-the-agent\n");
  const place = { ...made, gateway: { url: "http://127.0.0.1:99", tokenCommand: "", tokenFile } };
  const own = join(place.folder, "out/qwen");
  return {
    cwd: place.cwd,
    own,
    start: () => qwen.prepare(place),
    settings: () =>
      JSON.parse(readFileSync(join(own, "config/settings.json"), "utf8")) as {
        readonly model?: object;
        readonly security: object;
        readonly permissions: Readonly<Record<"ask" | "deny", readonly string[]>>;
      },
  };
};

describe("qwen", () => {
  test("asks the models by the gateway, with a token that is in a private file alone", async () => {
    const { own, start, settings } = prepared({ json: { model: "claude-x" } });
    const { env } = await start();
    expect(settings()).toMatchObject({
      model: { name: "claude-x", generationConfig: { modalities: { image: true } } },
      security: {
        auth: { selectedType: "anthropic", baseUrl: "http://127.0.0.1:99", apiKey: "token-of-the-agent" },
      },
    });
    expect(Object.values(env).join("\n")).not.toContain("token-of-the-agent");
    expect(statSync(join(own, "config/settings.json")).mode & 0o777).toBe(0o600);
  });

  test("asks for commands that only read too", async () => {
    const { start, settings } = prepared();
    await start();
    const { permissions } = settings();
    expect(permissions.ask).toEqual(expect.arrayContaining(["run_shell_command", "Read", "Edit"]));
  });

  test("trusts no folder, and reads no settings but its own", async () => {
    const { start, settings } = prepared({
      env: { PATH: "/bin", QWEN_HOME: "/elsewhere", DASHSCOPE_API_KEY: "k" },
    });
    const { env } = await start();
    expect(settings().security).toMatchObject({ folderTrust: { enabled: true } });
    expect(env).not.toHaveProperty("DASHSCOPE_API_KEY");
    expect(env["QWEN_HOME"]).not.toBe("/elsewhere");
    const files = ["SYSTEM_SETTINGS", "SYSTEM_DEFAULTS", "TRUSTED_FOLDERS"].map(
      (name) => env[`QWEN_CODE_${name}_PATH`] ?? expect.fail(name),
    );
    expect(files.filter((file) => existsSync(file))).toEqual([]);
  });

  test("keeps its conversations at a restart, and no other file that an agent wrote there", async () => {
    const { own, start } = prepared();
    await start();
    mkdirSync(join(own, "data/projects"), { recursive: true });
    const [settings, kept] = [join(own, "config/.env"), join(own, "data/projects/a.jsonl")];
    for (const file of [settings, kept]) writeFileSync(file, "x");
    await start();
    expect([settings, kept].filter((file) => existsSync(file))).toEqual([kept]);
  });

  test("reads the group's instructions", async () => {
    const { cwd, own, start } = prepared();
    writeFileSync(join(cwd, "QWEN.md"), "Say please.");
    await start();
    expect(readFileSync(join(own, "config/QWEN.md"), "utf8")).toBe("Say please.");
  });

  test.each([
    { file: ".env", isRefused: true },
    { file: ".qwen/.env", isRefused: true },
    { file: ".qwen/settings.json", isRefused: false },
  ])("may not start if it would take variables from HOME: $file", async ({ file, isRefused }) => {
    const place = providerPlace();
    const home = join(place.folder, "home");
    mkdirSync(join(home, ".qwen"), { recursive: true });
    writeFileSync(join(home, file), "");
    const refusal = await qwen.refusal({ ...place, env: { HOME: home } });
    if (!isRefused) return expect(refusal).toBeNull();
    const message = expect.stringContaining(join(home, file)) as unknown;
    expect(refusal).toMatchObject({ code: "failed", message });
  });

  test.each([
    { tool: "read_file", input: { file_path: "/w/a" }, paths: ["/w/a"] },
    { tool: "grep_search", input: { pattern: "x" }, paths: ["/w"] },
    { tool: "list_directory", input: { path: "/etc" }, paths: ["/etc"] },
    { tool: "glob", input: { pattern: "../*" }, paths: null },
    { tool: "run_shell_command", input: { command: "cat a" }, paths: null },
    { tool: "toString", input: {}, paths: null },
  ])("$tool with $input reads $paths", ({ tool, input, paths }) =>
    expect(qwen.readPaths(tool, input, "/w")).toEqual(paths),
  );

  test.each([
    { tool: "run_shell_command", input: { command: "ls" }, ms: 180_000 },
    { tool: "run_shell_command", input: { command: "ls", timeout: 5_000 }, ms: 65_000 },
    { tool: "web_fetch", input: {}, ms: null },
  ])("declares $tool with $input with its time limit", ({ tool, input, ms }) =>
    expect(qwen.toolTimeMs(tool, input)).toBe(ms),
  );
});
