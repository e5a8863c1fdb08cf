import { parse } from "toml";
import { expect, test } from "vitest";
import { codexConfig } from "./codex-config.ts";

const gateway = { url: "http://127.0.0.1:4000", tokenCommand: "cat '/srv/a b/out/gateway-token'" };
const toolProgram = { command: "node", args: ["runner.cjs", "host-tools"], env: { SOCKET: "/run/tools" } };
const plain = { model: null, effort: null, mcpServers: {}, gateway: null, toolProgram };

test("config.toml names the group's model, effort and MCP servers, and the server of the host tools", () => {
  const mcpServers = {
    "a.b": { command: "npx", args: ["-y", 'say "hi"'], env: { KEY: "k" } },
    far: { url: "https://example.com/mcp", headers: { authorization: "Bearer x" }, instructions: "Use it." },
  };
  expect(parse(codexConfig({ ...plain, model: "gpt-5.5", effort: "low", mcpServers }))).toMatchObject({
    model: "gpt-5.5",
    model_reasoning_effort: "low",
    mcp_servers: {
      "a.b": { command: "npx", args: ["-y", 'say "hi"'], env: { KEY: "k" } },
      far: { url: "https://example.com/mcp", http_headers: { authorization: "Bearer x" } },
      gatehouse: toolProgram,
    },
  });
});

test("config.toml sends requests to the gateway, with a token that is in no environment", () => {
  const { model_provider: name, model_providers: all } = parse(codexConfig({ ...plain, gateway })) as {
    readonly model_provider: string;
    readonly model_providers: Readonly<Record<string, object>>;
  };
  expect(all[name]).toMatchObject({
    base_url: "http://127.0.0.1:4000/v1",
    auth: { command: "sh", args: ["-c", gateway.tokenCommand] },
  });
  expect(all[name]).not.toHaveProperty("env_key");
});

test("config.toml keeps the CLI's own defaults for settings that the group lacks", () => {
  const config = parse(codexConfig(plain)) as object;
  for (const key of ["model", "model_reasoning_effort", "model_provider"])
    expect(config).not.toHaveProperty(key);
});

test("config.toml turns off features that act without a message, run at the vendor, or ask nobody", () =>
  expect(parse(codexConfig(plain))).toMatchObject({
    web_search: "disabled",
    agents: { enabled: false },
    features: { goals: false, apps: false, plugins: false, hooks: false },
  }));

test("config.toml turns off terminals, which take input unasked, and views of any file", () =>
  expect(parse(codexConfig(plain))).toMatchObject({
    features: { unified_exec_tty: false, view_image: false, skill_mcp_dependency_install: false },
  }));
