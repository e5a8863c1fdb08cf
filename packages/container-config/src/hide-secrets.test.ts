import { expect, test } from "vitest";
import { diffConfigs } from "./diff-configs.ts";
import { initialSettings } from "./fields.ts";
import { changesWithoutSecrets, withoutSecrets } from "./hide-secrets.ts";

const config = {
  ...initialSettings,
  mcp_servers: {
    a: { command: "x", args: ["y"], env: { TOKEN: "secret" } },
    b: { url: "https://b.example", headers: { Authorization: "secret" } },
    c: { command: "z" },
  },
};

test("of variables and headers the names are left, all else stays", () => {
  expect(withoutSecrets(config)).toEqual({
    ...config,
    mcp_servers: {
      a: { command: "x", args: ["y"], env: { TOKEN: "(hidden)" } },
      b: { url: "https://b.example", headers: { Authorization: "(hidden)" } },
      c: { command: "z" },
    },
  });
});

test("changes are shown without them too", () => {
  const changes = diffConfigs({ ...initialSettings, model: "opus" }, config);
  expect(changes.map(({ field }) => field)).toEqual(["model", "mcp_servers"]);
  expect(JSON.stringify(changesWithoutSecrets(changes))).not.toContain("secret");
  expect(changesWithoutSecrets(changes)[0]).toEqual(changes[0]);
});
