import { expect, test } from "vitest";
import type { McpServer } from "../container-config.ts";
import { diffConfigs } from "./diff-configs.ts";
import { initialSettings } from "../fields/fields.ts";
import { changesWithoutSecrets, withoutSecrets } from "./hide-secrets.ts";

const config = {
  ...initialSettings,
  mcp_servers: {
    a: { command: "x", args: ["y"], env: { TOKEN: "secret" } },
    b: { url: "https://b.example", headers: { Authorization: "secret" } },
    c: { command: "z" },
  },
};

test("withoutSecrets keeps only the names of variables and headers, and everything else", () => {
  expect(withoutSecrets(config)).toEqual({
    ...config,
    mcp_servers: {
      a: { command: "x", args: ["y"], env: { TOKEN: "(hidden)" } },
      b: { url: "https://b.example", headers: { Authorization: "(hidden)" } },
      c: { command: "z" },
    },
  });
});

test("changesWithoutSecrets hides secrets in changes", () => {
  const changes = diffConfigs({ ...initialSettings, model: "opus" }, config);
  expect(changes.map(({ field }) => field)).toEqual(["model", "mcp_servers"]);
  expect(JSON.stringify(changesWithoutSecrets(changes))).not.toContain("secret");
  expect(changesWithoutSecrets(changes)[0]).toEqual(changes[0]);
});

test.each<{ what: string; before: McpServer; after: McpServer; shown: McpServer }>([
  {
    what: "a variable",
    before: { command: "x", env: { A: "1", B: "1" } },
    after: { command: "x", env: { A: "1", B: "2" } },
    shown: { command: "x", env: { A: "(hidden)", B: "(hidden, changed)" } },
  },
  {
    what: "the name of a secret, which is shown,",
    before: { command: "x", secretEnv: { A: "OLD" } },
    after: { command: "x", secretEnv: { A: "NEW" } },
    shown: { command: "x", secretEnv: { A: "NEW" } },
  },
  {
    what: "a header",
    before: { url: "https://h", headers: { A: "1" } },
    after: { url: "https://h", headers: { A: "2" } },
    shown: { url: "https://h", headers: { A: "(hidden, changed)" } },
  },
  {
    what: "a key in an address",
    before: { url: "https://h?key=1" },
    after: { url: "https://h?key=2" },
    shown: { url: "https://h?key=(hidden, changed)" },
  },
  {
    what: "an argument",
    before: { command: "x", args: ["--token=1"] },
    after: { command: "x", args: ["--token=2"] },
    shown: { command: "x", args: ["--token=(hidden, changed)"] },
  },
])("changesWithoutSecrets marks $what that differs", ({ before, after, shown }) => {
  const changes = diffConfigs(
    { ...initialSettings, mcp_servers: { s: before } },
    { ...initialSettings, mcp_servers: { s: after } },
  );
  expect(changesWithoutSecrets(changes)[0]?.after).toEqual({ s: shown });
});
