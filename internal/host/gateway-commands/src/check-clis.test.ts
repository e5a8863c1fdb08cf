import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRow, hostDatabase, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { checkClis } from "./check-clis.ts";

type Machine = {
  /** The providers of the groups. */
  readonly groups: readonly string[];
  /** The CLIs on PATH, of version 9.1.0 or as in `codex@0.166.0`. */
  readonly clis: readonly string[];
  /** The trials that fail. */
  readonly failing?: readonly string[];
  /** The program of the operator's own provider `mine`. Absent: there is no such provider. */
  readonly own?: string;
};

/** Checks the CLIs of a data folder, with a fake runner whose trials print only their outcome. */
const checked = async ({ groups, clis, failing = [], own }: Machine) => {
  const dataDir = temporaryFolder();
  if (own !== undefined) {
    const facts = {
      mode: null,
      inputIn: "request",
      denialEnds: false,
      takesServers: false,
      errorPrefix: null,
    };
    const env = { URL: "{url}", KEY: "{key}" };
    const row = { v: 1, name: "mine", agent: "Mine 1.0", api: "anthropic", paths: ["/v1/messages"] };
    const providers = [{ ...row, ...facts, env, command: [own, "acp"] }];
    writeFileSync(join(dataDir, "providers.json"), JSON.stringify({ v: 1, providers }), { mode: 0o600 });
  }
  const bin = join(dataDir, "bin");
  mkdirSync(bin);
  const program = (name: string, script: string): string => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
    return join(bin, name);
  };
  for (const cli of clis) {
    const [name = "", version = "9.1.0"] = cli.split("@");
    program(name, `echo ${version}`);
  }
  const failure = JSON.stringify({ ok: false, message: "It cannot do that." });
  const cases = failing.map((name) => `${name}) echo '${failure}';;`);
  const runner = program("runner", `case "$2" in ${cases.join(" ")} *) echo '{"ok":true}';; esac`);
  const { db } = await openedCentral(dataDir);
  for (const [index, provider] of groups.entries()) {
    const id = `ag-${index}`;
    await addRow(db, "agent_groups", { id, name: id, folder: id });
    const row = { agent_group_id: id, provider, cli_scope: "group", generation: 1, updated_at: "2026" };
    await db
      .insertInto("container_configs")
      .values(row as never)
      .execute();
  }
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  return checkClis({ dataDir, database: hostDatabase() }, { env, runner: [runner] });
};

test("checkClis returns a check for each CLI in use", async () => {
  const clis = ["claude", "codex", "opencode"];
  const checks = await checked({ groups: ["codex", "opencode", "claude", "codex"], clis });
  expect(checks.map(({ ok, message }) => [ok, message.replace(/ at .* does/, " does")])).toEqual([
    [true, "Claude Code 9.1.0 does what agents need"],
    [true, "Codex 9.1.0 does what agents need"],
    [true, "OpenCode 9.1.0 does what agents need"],
  ]);
});

test.each([
  { cli: "codex@0.166.0", ok: false, says: "is too old: 0.169.0 or newer is needed" },
  { cli: "codex@0.169.0", ok: true, says: "does what agents need" },
  { cli: "claude@2.1.274", ok: false, says: "is too old: 2.1.275 or newer is needed" },
  { cli: "opencode@0.0.1", ok: true, says: "does what agents need" },
])("checkClis says of $cli: $says", async ({ cli, ok, says }) => {
  const checks = await checked({ groups: [cli.replace(/@.*/, "")], clis: [cli] });
  expect(checks).toMatchObject([{ ok, message: expect.stringContaining(says) as string }]);
});

test("checkClis does not try a CLI that no agent uses", async () => {
  expect(await checked({ groups: ["echo"], clis: ["claude", "codex", "opencode"] })).toEqual([]);
});

test.each([
  { provider: "codex", fix: "npm install --global @openai/codex" },
  { provider: "opencode", fix: "npm install --global opencode-ai" },
  { provider: "claude", fix: "gatehouse init --fetch claude" },
])(
  "checkClis names a missing CLI of $provider and the command that installs it",
  async ({ provider, fix }) => {
    const message = `the CLI of ${provider} is not on the PATH of agents`;
    expect(await checked({ groups: [provider], clis: [] })).toEqual([{ ok: false, message, fix }]);
  },
);

test("checkClis explains a failed trial, and tries the other CLIs", async () => {
  const checks = await checked({
    groups: ["codex", "opencode"],
    clis: ["codex", "opencode"],
    failing: ["codex"],
  });
  expect(checks).toMatchObject([
    {
      ok: false,
      message: expect.stringMatching(/^Codex 9\.1\.0 at .* cannot be used: It cannot do that\.$/) as unknown,
      fix: "npm install --global @openai/codex",
    },
    { ok: true },
  ]);
});

test.each([
  { own: "mine", check: { ok: true, message: "Mine 1.0 (own:mine) is there, and was not tried" } },
  {
    own: "gone",
    check: {
      ok: false,
      message: "gone of Mine 1.0 (own:mine) is not on the PATH of agents",
      fix: "install it for the account that runs the agents, or gatehouse providers remove own:mine",
    },
  },
  {
    own: "/etc",
    check: {
      ok: false,
      message: "/etc of Mine 1.0 (own:mine) is no program that can be run",
      fix: "install it for the account that runs the agents, or gatehouse providers remove own:mine",
    },
  },
  {
    own: import.meta.filename,
    check: {
      ok: false,
      message: `${import.meta.filename} of Mine 1.0 (own:mine) is no program that can be run`,
      fix: "install it for the account that runs the agents, or gatehouse providers remove own:mine",
    },
  },
  {
    own: undefined,
    check: {
      ok: false,
      message: 'This host has no provider "own:mine". Its operator adds one: gatehouse providers add ROW',
      fix: "gatehouse providers list",
    },
  },
])("checkClis looks for the program of an operator's own agent ($own)", async ({ own, check }) =>
  expect(
    await checked({
      groups: ["own:mine", "own:mine"],
      clis: ["mine"],
      ...(own === undefined ? {} : { own }),
    }),
  ).toEqual([check]),
);
