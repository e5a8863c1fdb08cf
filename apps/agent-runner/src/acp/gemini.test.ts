import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { providerPlace, type PlaceOptions } from "../provider.fixture.ts";
import { gemini } from "./gemini.ts";

/** A workload's folder with a token, and what Gemini CLI is started with in it. */
const prepared = (over: PlaceOptions = {}) => {
  const made = providerPlace(over);
  const tokenFile = join(made.folder, "token");
  writeFileSync(tokenFile, "token-of-the-agent\n");
  const place = { ...made, gateway: { url: "http://127.0.0.1:99", tokenCommand: "", tokenFile } };
  const own = join(place.folder, "out/gemini/.gemini");
  const write = (name: string, text = name): void => {
    mkdirSync(dirname(join(own, name)), { recursive: true });
    writeFileSync(join(own, name), text);
  };
  return {
    place,
    own,
    write,
    start: () => gemini.prepare(place),
    settings: () => JSON.parse(readFileSync(join(own, "settings.json"), "utf8")) as Record<string, unknown>,
    rules: () => readFileSync(join(own, "policies/rules.toml"), "utf8").split("[[rule]]\n").slice(1),
  };
};

describe("gemini", () => {
  test("signs in at the gateway over the protocol, with a token that is in no file and no environment", async () => {
    const { place, own, start } = prepared();
    const { env, signIn } = await start();
    expect(signIn).toEqual({
      methodId: "gemini-api-key",
      _meta: { "api-key": "token-of-the-agent", gateway: { baseUrl: "http://127.0.0.1:99" } },
    });
    const files = readdirSync(own, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    expect([...texts, ...Object.values(env)].join("\n")).not.toContain("token-of-the-agent");
    expect((await gemini.prepare({ ...place, gateway: null })).signIn).toBeUndefined();
  });

  test.each([
    { model: "gemini-new-9", asks: "gemini-new-9" },
    { model: null, asks: "gemini-2.5-pro" },
  ])(
    "of a group with the model $model asks $asks for its answers, and for its summaries",
    async ({ model, asks }) => {
      const { start, settings } = prepared({ json: { model } });
      await start();
      expect(settings()).toMatchObject({
        model: { name: asks },
        modelConfigs: { customAliases: { "chat-compression-default": { modelConfig: { model: asks } } } },
      });
    },
  );

  test.each([
    { tool: '"*"', decision: "ask_user" },
    { tool: "run_shell_command", decision: "ask_user" },
    { tool: "read_file", decision: "allow" },
    { tool: "send_message", decision: "allow" },
    { tool: "web_fetch", decision: "deny" },
    { tool: "invoke_agent", decision: "deny" },
  ])("has the rule $decision for $tool", async ({ tool, decision }) => {
    const { start, rules } = prepared();
    await start();
    const rule = rules().find((each) => each.includes(tool)) ?? "";
    expect(rule).toContain(`decision = "${decision}"`);
    // Without a pattern, Gemini CLI runs some commands unasked.
    expect(rule.includes("argsPattern")).toBe(tool === "run_shell_command");
    // Another server has no tools of the host.
    expect(rule.includes('mcpName = "gatehouse"')).toBe(tool === "send_message");
  });

  test("asks the gateway without a proxy, and reads no settings but its own", async () => {
    const { own, start } = prepared({
      env: {
        PATH: "/bin",
        NO_PROXY: "a.example",
        GEMINI_API_KEY: "k",
        GEMINI_CLI_HOME: "/x",
        GOOGLE_API_KEY: "k",
      },
    });
    const { env } = await start();
    expect(env).toMatchObject({ GEMINI_CLI_HOME: dirname(own), GEMINI_CLI_TRUST_WORKSPACE: "true" });
    expect(env["NO_PROXY"]).toBe("a.example,127.0.0.1,localhost");
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(["GEMINI_API_KEY"]));
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(["GOOGLE_API_KEY"]));
  });

  test("keeps its conversations at a restart, and no other file that an agent wrote there", async () => {
    const { place, own, start, write } = prepared();
    await start();
    const names = ["tmp/work/chats/session-a.jsonl"];
    const others = [
      "extensions/a",
      "policies/a.toml",
      ".env",
      "../.env",
      "tmp/work/memory/a",
      "commands/a.toml",
    ];
    for (const name of [...names, ...others]) write(name);
    const elsewhere = join(place.folder, "elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "mine"), "");
    for (const link of ["tmp/linked", "tmp/work/linked"]) symlinkSync(elsewhere, join(own, link));
    await start();
    expect(existsSync(join(elsewhere, "mine"))).toBe(true);
    expect(readdirSync(join(own, "tmp"))).toEqual(["work"]);
    expect([...names, ...others].filter((name) => existsSync(join(own, name)))).toEqual(names);
    expect(readFileSync(join(own, "GEMINI.md"), "utf8")).toBe("");
  });

  test("gives a conversation a name without a minute, since Gemini CLI writes over that of the present one", async () => {
    const { own, start, write } = prepared();
    await start();
    const chats = join(own, "tmp/work/chats");
    const facts = '{"sessionId":"2f3d74ed"}\n{"$set":{"messages":[{"id":"a","type":"user"}]}}\n';
    const message = '{"id":"b","type":"user"}\n';
    write("tmp/work/chats/session-2026-11-30T16-11-2f3d74ed.jsonl", `${facts}${message}`);
    await start();
    const [kept = ""] = readdirSync(chats);
    expect(kept).toMatch(/^session-[0-9a-f-]{36}-2f3d74ed\.jsonl$/);
    // The next process begins another file of the same conversation, and writes into the first one.
    write("tmp/work/chats/session-2026-11-30T16-11-2f3d74ed.jsonl", facts);
    await start();
    expect(readdirSync(chats)).toEqual([kept]);
    expect(readFileSync(join(chats, kept), "utf8")).toBe(`${facts}${message}`);
    // Gemini CLI writes a long conversation anew.
    const whole = facts.replace("]", ',{"id":"b","type":"user"}]');
    write("tmp/work/chats/session-2026-11-30T16-12-5c0adb51.jsonl", whole);
    await start();
    expect(readdirSync(chats)).toHaveLength(2);
  });
});

describe("a folder of Gemini CLI", () => {
  const refusalOf = async (make: (cwd: string) => string | null) => {
    const { place } = prepared();
    const cwd = join(place.cwd, "a/b");
    mkdirSync(cwd, { recursive: true });
    const file = make(cwd);
    const refusal = await gemini.refusal({ ...place, cwd });
    return { file, refusal };
  };
  const write = (file: string): string => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "A=b\n");
    return file;
  };

  test.each<{ has: string; make: (cwd: string) => string }>([
    { has: "settings", make: (cwd) => dirname(write(join(cwd, ".gemini/settings.json"))) },
    {
      has: "a link as its settings",
      make: (cwd) => (symlinkSync("/nowhere", join(cwd, ".gemini")), join(cwd, ".gemini")),
    },
    { has: "variables in a folder above", make: (cwd) => write(join(cwd, "../../.gemini/.env")) },
  ])("with $has is refused, and the sentence names it", async ({ make }) => {
    const { file, refusal } = await refusalOf(make);
    expect(refusal?.message).toContain(`Gemini CLI would take its settings from ${file ?? ""}.`);
  });

  test("that is a link is refused with variables above its real place", async () => {
    const { place } = prepared();
    const real = join(place.cwd, "a/b");
    write(join(real, "../.gemini/.env"));
    mkdirSync(real);
    const cwd = join(place.folder, "linked");
    symlinkSync(real, cwd);
    expect((await gemini.refusal({ ...place, cwd }))?.message).toContain("work/a/.gemini/.env.");
  });

  test.each<{ has: string; make: (cwd: string) => string | null }>([
    { has: "nothing", make: () => null },
    { has: "variables of its own", make: (cwd) => write(join(cwd, ".env")) },
    { has: "settings in a folder above", make: (cwd) => write(join(cwd, "../.gemini/settings.json")) },
    { has: "instructions", make: (cwd) => write(join(cwd, "GEMINI.md")) },
  ])("with $has is taken", async ({ make }) => expect((await refusalOf(make)).refusal).toBeNull());
});
