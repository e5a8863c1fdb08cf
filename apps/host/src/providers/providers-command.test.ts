import { existsSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addRow, at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { describe, expect, inject, test, vi } from "vitest";
import { printedBy, ranCli } from "../ran-cli.fixture.ts";
import { chatWithAna, folderWithAna } from "../up/echo-group.fixture.ts";
import { spawnHost } from "../up/host.fixture.ts";
import { key, openModel } from "../up/real-agents.fixture.ts";
import { run, runWith } from "../up/run.fixture.ts";

const agent = fileURLToPath(
  new URL("../../../../test-fixtures/programs/acp-with-model.mjs", import.meta.url),
);

const row = {
  v: 1,
  name: "mine",
  agent: "with-model 1.0",
  api: "anthropic",
  paths: ["/v1/messages"],
  command: ["node", agent],
  env: { ANTHROPIC_BASE_URL: "{url}", ANTHROPIC_API_KEY: "{key}", MODEL: "{model}" },
  mode: null,
  inputIn: "request",
  denialEnds: false,
  takesServers: false,
  errorPrefix: null,
};

/** A data folder, and a function that runs `gatehouse providers` beside a file with this row. */
const prepared = (content: object = row) => {
  const root = realpathSync(temporaryFolder());
  writeFileSync(join(root, "row.json"), JSON.stringify(content));
  const providers = (...words: readonly string[]) =>
    ranCli({ dataDir: root, home: root, cwd: root }, "providers", ...words);
  return { root, providers };
};

describe("gatehouse providers", () => {
  test("adds a row, also from the document of a trial, lists it, and removes it", async () => {
    const { providers } = prepared({ ok: true, lines: [], row });
    expect((await providers("list")).stdout).toBe("There is none: gatehouse providers add --help\n");
    expect(await providers("add", "row.json")).toEqual({
      code: 0,
      stderr: "",
      stdout: `added own:mine, which runs: node ${agent}\nto use it: ncl groups config update GROUP --provider own:mine\n`,
    });
    expect((await providers("list")).stdout).toBe(`own:mine  with-model 1.0: node ${agent}\n`);
    expect(JSON.parse((await providers("list", "--json")).stdout)).toEqual({ ok: true, providers: [row] });
    expect((await providers("remove", "own:mine")).stdout).toMatch(/^removed own:mine; /);
    expect(JSON.parse((await providers("list", "--json")).stdout)).toEqual({ ok: true, providers: [] });
  });

  test.for([
    {
      what: "proposed no row",
      document: { ok: false, lines: [], row: null, lacks: ["prompt", "allow"] },
      message: "The trial proposed no row: the agent lacks prompt, allow.",
    },
    {
      what: "failed",
      document: { ok: false, error: { code: "agent-not-found", message: "There is no program." } },
      message: "The trial proposed no row: There is no program.",
    },
  ])("says of the document of a trial that it $what", async ({ document, message }) => {
    const { stdout } = await prepared(document).providers("add", "row.json", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "no-row", message } });
  });

  test("names the groups and active sessions that have a removed provider", async () => {
    const { root, providers } = prepared();
    const { db, close } = await openedCentral(root);
    for (const [name, provider] of Object.entries({ Ana: "own:mine", Bo: "own:other", Cy: null })) {
      await addRow(db, "agent_groups", { id: `ag-${name}`, name, folder: name });
      await containerConfigStore(db, { now: () => at }).create(`ag-${name}`, { provider });
    }
    for (const status of ["active", "closed"])
      await addRow(db, "sessions", {
        id: `se-${status}`,
        agent_group_id: "ag-Cy",
        messaging_group_id: null,
        agent_provider: "own:mine",
        status,
      });
    await close();
    const remove = async (...words: readonly string[]) => {
      await providers("add", "row.json");
      return (await providers("remove", "mine", ...words)).stdout;
    };
    const until = "has it, and starts no agent until it has another one";
    const warnings = [
      `the group Ana ${until}: ncl groups config update ag-Ana --provider NAME`,
      `the session se-active ${until}: ncl sessions config update se-active --provider NAME`,
    ];
    expect((await remove()).split("\n").slice(1, -1)).toEqual(warnings.map((line) => `warning: ${line}`));
    expect(JSON.parse(await remove("--json"))).toEqual({
      ok: true,
      name: "mine",
      groups: ["ag-Ana"],
      sessions: ["se-active"],
      warnings,
    });
  });

  test.for([
    { what: "a file that is missing", words: ["add", "no.json"], code: "row-unreadable" },
    { what: "a row with an unknown field", content: { ...row, more: 1 }, code: "invalid-row" },
    { what: "a row past the gateway", content: { ...row, env: {} }, code: "invalid-row" },
    {
      what: "a path without a route",
      content: { ...row, paths: ["/v1/chat/completions"] },
      code: "no-route",
    },
    { what: "a name that is not listed", words: ["remove", "mine"], code: "not-listed" },
  ])("refuses $what, and changes nothing", async ({ words = ["add", "row.json"], content, code }) => {
    const { root, providers } = prepared(content);
    const refused = await providers(...words, "--json");
    expect({ ...refused, stdout: JSON.parse(refused.stdout) as object }).toMatchObject({
      code: 1,
      stdout: { ok: false, error: { code } },
    });
    expect((await providers("list")).stdout).toMatch(/^There is none/);
    expect(existsSync(join(root, "groups"))).toBe(false);
  });
});

describe("a group with a provider of the operator's own", { tags: ["slow"] }, () => {
  const { gatehouse, ncl } = inject("programs");

  const hosted = async () => {
    const dataDir = await folderWithAna();
    // By the programs, so that both read a real stdin.
    for (const [words, input] of [
      ["providers add -", JSON.stringify(row)],
      ["secrets set anthropic", key],
    ] as const)
      runWith(input, gatehouse, ...words.split(" "), "--data", dataDir);
    const model = await openModel();
    const host = spawnHost(dataDir, ["--upstream", `anthropic=${model.address}`]);
    await host.ready();
    const ask = (...args: readonly string[]): string => run(ncl, ...args, "--socket", host.socket);
    ask("groups", "config", "update", "Ana", "--provider", "own:mine", "--model", "claude-x");
    const say = async (line: string): Promise<string> => (await chatWithAna(dataDir, line)).join("");
    /** The id of the request that waits for a person. */
    const waiting = (): Promise<string> =>
      vi.waitUntil(
        () => (JSON.parse(ask("approvals", "list", "--status", "pending", "--json")) as Listed).data[0]?.id,
        { interval: 200 },
      ) as Promise<string>;
    return { dataDir, ask, say, waiting, model };
  };

  type Listed = { readonly data: readonly { readonly id: string }[] };

  test("answers in chat, and asks a person about its tool: allowed it runs, denied it does not", async () => {
    const { dataDir, ask, say, waiting, model } = await hosted();
    expect(await say("hello")).toContain("you said: hello");
    const allowed = say("run touch made");
    ask("approvals", "approve", await waiting());
    expect(await allowed).toContain("it ran");
    const denied = say("run touch other");
    ask("approvals", "reject", await waiting(), "--reason", "not today");
    await denied;
    expect(["made", "other"].map((name) => existsSync(join(dataDir, "groups/ana", name)))).toEqual([
      true,
      false,
    ]);
    expect(model.asked()).toContain(key);
  });

  test("starts no agent once the provider is removed, and its sender reads why", async () => {
    const { dataDir, say } = await hosted();
    await printedBy(dataDir, "providers", "remove", "mine");
    expect(await say("hello")).toContain('This host has no provider "own:mine"');
  });
});
