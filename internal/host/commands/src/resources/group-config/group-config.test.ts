import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { changeAllowList } from "@gatehouse/mounts";
import { dispatch } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { frameOf, hostBed, member, operator, type Bed } from "@gatehouse/dispatch/testing";

const about =
  (bed: Bed) =>
  (verb: string, ...flags: readonly string[]) =>
    bed.ask(operator, "groups", "config", verb, "ag-team", ...flags);

const run = async (bed: Bed, ...lines: readonly string[]): Promise<void> => {
  for (const line of lines) await bed.ok(operator, "groups", "config", ...line.split(" "));
};

describe("groups config update", () => {
  test.each([
    { flags: "--provider Codex", saved: { provider: "codex" } },
    { flags: "--model claude-sonnet-4-5", saved: { model: "claude-sonnet-4-5" } },
    { flags: "--effort high", saved: { effort: "high" } },
    { flags: "--image-tag agent:1.2", saved: { image_tag: "agent:1.2" } },
    { flags: "--assistant-name Ana", saved: { assistant_name: "Ana" } },
    { flags: "--max-messages-per-prompt 20", saved: { max_messages_per_prompt: 20 } },
    { flags: "--timezone Europe/Berlin", saved: { timezone: "Europe/Berlin" } },
    { flags: "--cpus 0.5 --memory-mb 512 --pids 100", saved: { cpus: 0.5, memory_mb: 512, pids: 100 } },
    {
      flags: "--max-requests-per-day 200 --max-tokens-per-day 3000000000 --max-cost-per-day 2.5",
      saved: { max_requests_per_day: 200, max_tokens_per_day: 3_000_000_000, max_cost_per_day: 2.5 },
    },
    {
      flags: "--upstream anthropic=https://models.example",
      saved: { upstream: "anthropic=https://models.example" },
    },
    { flags: "--cli-scope disabled", saved: { cli_scope: "disabled" } },
    { flags: "--tools allow-read", saved: { tools: "allow-read" } },
    { flags: "--tools allow-all --yes", saved: { tools: "allow-all" } },
    { flags: "--network open --yes", saved: { network: "open" } },
    { flags: "--network gateway", saved: { network: "gateway" } },
  ])("$flags", async ({ flags, saved }) => {
    const bed = await hostBed();
    const answer = await about(bed)("update", ...flags.split(" "));
    expect(answer).toMatchObject({ ok: true, data: { ...saved, generation: 2 } });
    expect(await about(bed)("get")).toMatchObject({
      data: { ...saved, provenance: Object.fromEntries(Object.keys(saved).map((name) => [name, "own"])) },
    });
  });

  test.each([
    { flags: [], says: "Nothing to change" },
    { flags: ["--model", ""], says: "--unset model" },
    { flags: ["--provider", "skynet"], says: "claude, codex" },
    { flags: ["--max-messages-per-prompt", "-5"], says: "--max-messages-per-prompt is below 1" },
    { flags: ["--max-messages-per-prompt", "abc"], says: "--max-messages-per-prompt" },
    { flags: ["--timezone", "Mars/Base"], says: "timezone" },
    { flags: ["--cli-scope", "root"], says: "disabled, group, global" },
    { flags: ["--unset", "cli_scope"], says: "cannot be unset" },
    { flags: ["--tools", "some"], says: "ask, allow-read, allow-all, deny" },
    { flags: ["--unset", "tools"], says: "cannot be unset: set it to ask" },
    { flags: ["--tools", "allow-all"], says: "outside containers" },
    { flags: ["--network", "none"], says: "--network has to be one of: gateway, open" },
    { flags: ["--network", "open"], says: "cloud metadata (169.254.169.254)" },
    { flags: ["--unset", "mood"], says: "--unset mood is no field" },
    { flags: ["--model", "opus", "--unset", "model"], says: "--model is both set and unset" },
    { flags: ["--model", "opus", "--modle", "x"], says: "--modle" },
    { flags: ["--if-generation", "0", "--model", "opus"], says: "--if-generation" },
  ])("refuses $flags and saves nothing", async ({ flags, says }) => {
    const bed = await hostBed();
    expect(await about(bed)("update", ...flags)).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining(says),
    });
    expect(await about(bed)("get")).toMatchObject({ data: { generation: 1 } });
  });

  test("clears values with --unset, and shows them as null", async () => {
    const bed = await hostBed();
    await run(bed, "update ag-team --model opus --effort low --image-tag agent:1");
    expect(await about(bed)("update", "--unset", "model,effort", "--unset", "image-tag")).toMatchObject({
      data: { model: null, effort: null, image_tag: null, generation: 3 },
    });
    expect(await about(bed)("get")).toMatchObject({
      data: { effective_provider: "claude", provenance: { model: "default" } },
    });
  });

  test("refuses a change if --if-generation is not the present generation", async () => {
    const bed = await hostBed();
    expect(await about(bed)("update", "--model", "opus", "--if-generation", "2")).toMatchObject({
      code: "handler-error",
      message: expect.stringContaining("generation 1, not 2"),
    });
    expect(await about(bed)("update", "--model", "opus", "--if-generation", "1")).toMatchObject({ ok: true });
  });

  test("makes no generation if nothing differs", async () => {
    const bed = await hostBed();
    await run(bed, "update ag-team --model opus");
    expect(await about(bed)("update", "--model", "opus")).toMatchObject({
      data: { generation: 2, changes: [], needs: null },
    });
  });

  test("lists the changes that running containers get only after a restart", async () => {
    const bed = await hostBed();
    const started = (config_generation: number | null) =>
      bed.central.db
        .updateTable("sessions")
        .set({ container_status: "running", config_generation })
        .where("id", "=", "se-team")
        .execute();
    await started(1);
    await run(bed, "update ag-team --cli-scope disabled");
    expect(await about(bed)("get")).toMatchObject({ data: { behind: [] } });
    expect(await about(bed)("update", "--model", "opus")).toMatchObject({
      data: {
        needs: "restart",
        behind: [{ session_id: "se-team", generation: 1, fields: ["model"], needs: "restart" }],
      },
    });
    expect(await about(bed)("add-package", "--apt", "ripgrep")).toMatchObject({
      data: { needs: "rebuild", behind: [{ fields: ["model", "packages_apt"], needs: "rebuild" }] },
    });
    await started(4);
    expect(await about(bed)("get")).toMatchObject({
      data: { behind: [{ generation: 4, fields: ["packages_apt"], needs: "rebuild" }] },
    });
    await run(bed, "remove-package ag-team --apt ripgrep");
    await started(5);
    expect(await about(bed)("get")).toMatchObject({ data: { behind: [] } });
    await started(null);
    expect(await about(bed)("get")).toMatchObject({ data: { behind: [{ fields: null }] } });
  });
});

describe("a change of the provider", () => {
  const ofClaude =
    "Any conversation with claude is kept, and goes on if you change back; codex sees none of it, only the messages that are still open and the files of the group's folder. Your own text in CLAUDE.md is not copied: codex reads AGENTS.md.";

  test("the reply to a change of the provider says what carries over from the conversation, also with --json", async () => {
    const bed = await hostBed();
    const answer = await framed(bed, "update ag-team --provider codex");
    expect(answer).toMatchObject({ ok: true, data: { carried_over: ofClaude } });
    expect(answer).toMatchObject({ human: expect.stringContaining(`\n${ofClaude}`) });
  });

  test.each([
    { to: "codex", says: "Your own text in CLAUDE.md is not copied: codex reads AGENTS.md." },
    { to: "echo", says: undefined },
  ])("the reply speaks of no conversation in a new group: to $to", async ({ to, says }) => {
    const bed = await hostBed();
    await bed.central.db.deleteFrom("sessions").where("agent_group_id", "=", "ag-team").execute();
    const answer = await about(bed)("update", "--provider", to);
    expect((answer as { readonly data: { carried_over?: string } }).data.carried_over).toBe(says);
  });

  test("the reply names no file of instructions if both providers read the same file", async () => {
    const bed = await hostBed();
    await run(bed, "update ag-team --provider codex");
    const answer = await about(bed)("update", "--provider", "opencode");
    expect(answer).toMatchObject({
      data: { carried_over: expect.stringMatching(/conversation with codex is kept.*group's folder\.$/) },
    });
  });

  test("the replies to --unset provider and to a rollback say what carries over", async () => {
    const bed = await hostBed();
    await run(bed, "update ag-team --provider codex");
    const back = { carried_over: expect.stringContaining("claude sees none of it") };
    expect(await about(bed)("update", "--unset", "provider")).toMatchObject({ data: back });
    expect(await about(bed)("rollback", "--to", "2")).toMatchObject({ data: { carried_over: ofClaude } });
  });

  test.for(["--model opus", "--provider claude"])(
    "the reply to %s, which keeps the provider, does not say what carries over",
    async (flags) => {
      const answer = await about(await hostBed())("update", ...flags.split(" "));
      expect(answer).toMatchObject({ ok: true });
      expect(Object.keys((answer as { readonly data: object }).data)).not.toContain("carried_over");
    },
  );
});

/** The answer with its text for a person. */
const framed = (bed: Bed, line: string) =>
  dispatch(frameOf(["groups", "config", ...line.split(" ")]), operator, bed.host);

describe("skills", () => {
  test.for([
    { flag: "notes,tides", saved: ["notes", "tides"] },
    { flag: "none", saved: [] },
    { flag: "all", saved: "all" },
  ])("--skills $flag saves $saved, together with single values", async ({ flag, saved }) => {
    const bed = await hostBed();
    await run(bed, "update ag-team --skills other");
    expect(await about(bed)("update", "--skills", flag, "--effort", "low")).toMatchObject({
      data: { skills: saved, effort: "low", generation: 3 },
    });
  });

  test("refuses a text that cannot be the name of a skill", async () => {
    const bed = await hostBed();
    expect(await about(bed)("update", "--skills", "../x")).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining("--skills"),
    });
  });
});

describe("an apt package and an npm package", () => {
  test("one command adds or removes a package of each kind, in one generation", async () => {
    const bed = await hostBed();
    expect(await about(bed)("add-package", "--apt", "jq", "--npm", "prettier")).toMatchObject({
      data: {
        packages_apt: ["jq"],
        packages_npm: ["prettier"],
        added: { apt: "jq", npm: "prettier" },
        generation: 2,
        changes: [{ field: "packages_apt" }, { field: "packages_npm" }],
      },
    });
    expect(await about(bed)("remove-package", "--apt", "jq", "--npm", "gone")).toMatchObject({
      code: "not-found",
      message: expect.stringContaining("--npm"),
    });
    expect(await about(bed)("remove-package", "--apt", "jq", "--npm", "prettier")).toMatchObject({
      data: { packages_apt: [], packages_npm: [], generation: 3 },
    });
  });
});

test("an MCP server's instructions are saved with it", async () => {
  const bed = await hostBed();
  const flags = ["--name", "rss", "--command", "npx", "--instructions", "Ask `rss` for news."];
  expect(await about(bed)("add-mcp-server", ...flags)).toMatchObject({
    data: { mcp_servers: { rss: { command: "npx", instructions: "Ask `rss` for news." } } },
  });
});

describe("fields without effect", () => {
  test.for([
    {
      flags: "--provider pi",
      field: "provider",
      says: 'There is no runner yet for the provider "pi"',
    },
    { flags: "--provider echo --model opus", field: "model", says: 'The provider "echo" does not use it.' },
    { flags: "--pids 64", field: "pids", says: 'The runtime "process" does not apply it.' },
    {
      flags: "--network gateway",
      field: "network",
      says: 'The runtime "process" does not apply it. A process has the machine\'s network.',
    },
  ])("the reply to $flags says that the saved field has no effect", async ({ flags, field, says }) => {
    const bed = await hostBed();
    const saved = await framed(bed, `update ag-team ${flags}`);
    expect(saved).toMatchObject({ ok: true, data: { generation: 2 } });
    expect(saved).toMatchObject({ human: expect.stringContaining(`${field} has no effect yet. ${says}`) });
    const named = expect.arrayContaining([{ field, reason: expect.stringContaining(says) }]);
    expect(await framed(bed, "get ag-team")).toMatchObject({
      data: { not_applied: named },
      human: expect.stringContaining(`${field} has no effect yet. ${says}`),
    });
  });

  test("notes about a provider are listed apart from the fields without effect", async () => {
    const bed = await hostBed();
    await run(bed, "update ag-team --provider codex");
    const note = expect.stringContaining("with all rights of the agent's account");
    expect(await framed(bed, "get ag-team")).toMatchObject({ data: { notes: [note] }, human: note });
    await run(bed, "update ag-team --provider opencode");
    expect(await framed(bed, "get ag-team")).toMatchObject({
      human: expect.stringContaining("opencode is asked the same message again"),
    });
    await run(bed, "update ag-team --provider claude");
    expect(await framed(bed, "get ag-team")).toMatchObject({ data: { notes: [] } });
  });

  test("the list of fields without effect is empty if the provider applies all saved fields", async () => {
    const bed = await hostBed();
    await run(bed, "update ag-team --provider echo --assistant-name Ada --timezone UTC");
    expect(await about(bed)("get")).toMatchObject({ data: { not_applied: [] } });
  });

  test("the reply about packages without effect mentions no image on a host that builds none", async () => {
    const bed = await hostBed();
    const { human } = (await framed(bed, "add-package ag-team --apt jq")) as { human: string };
    expect(human).toContain("packages_apt has no effect yet.");
    expect(human).not.toMatch(/image|build/);
  });
});

describe("MCP servers", () => {
  const env = '{"TOKEN":"hunter2"}';

  test("MCP servers are added, replaced and removed one at a time", async () => {
    const bed = await hostBed();
    const servers = (names: readonly string[]) => ({
      data: { mcp_servers: Object.fromEntries(names.map((name) => [name, expect.anything()])) },
    });
    const add = (name: string) => about(bed)("add-mcp-server", "--name", name, "--command", "npx");
    await add("one");
    expect(await add("two")).toMatchObject({ ...servers(["one", "two"]), warnings: [] });
    expect(await add("two")).toMatchObject({ warnings: [expect.stringContaining("replaced")] });
    expect(await about(bed)("remove-mcp-server", "--name", "one")).toMatchObject({
      data: { removed: "one", mcp_servers: { two: { command: "npx" } } },
    });
    expect(await about(bed)("remove-mcp-server", "--name", "one")).toMatchObject({
      code: "not-found",
      message: expect.stringContaining("there are: two"),
    });
  });

  test.each([
    { what: "neither program nor address", flags: ["--name", "x"], says: "neither a command nor a url" },
    {
      what: "both program and address",
      flags: ["--name", "x", "--command", "npx", "--url", "https://x.example"],
      says: "a command and a url",
    },
    {
      what: "a reserved name",
      flags: ["--name", "nanoclaw", "--command", "npx"],
      says: "reserved",
    },
    {
      what: "arguments that are no list",
      flags: ["--name", "x", "--command", "npx", "--args", "a b"],
      says: "--args",
    },
    {
      what: "an environment that is no object",
      flags: ["--name", "x", "--command", "npx", "--env", '["TOKEN=hunter2"]'],
      says: "env",
    },
  ])("add-mcp-server refuses $what, and the refusal has no values", async ({ flags, says }) => {
    const bed = await hostBed();
    const answer = await about(bed)("add-mcp-server", ...flags);
    expect(answer).toMatchObject({ code: "invalid-args", message: expect.stringContaining(says) });
    expect(JSON.stringify(answer)).not.toContain("hunter2");
  });

  test("a diff has one line for each server that differs, even if only a secret differs", async () => {
    const bed = await hostBed();
    const add = (name: string, secret: string) =>
      about(bed)("add-mcp-server", "--name", name, "--command", "npx", "--env", `{"TOKEN":"${secret}"}`);
    for (const name of ["same", "other", "gone"]) await add(name, "hunter1");
    await about(bed)("remove-mcp-server", "--name", "gone");
    await add("other", "hunter2");
    await add("new", "hunter1");
    const diff = frameOf(["groups", "config", "diff", "ag-team", "--from", "4"]);
    expect(await dispatch(diff, operator, bed.host)).toMatchObject({
      human: [
        'mcp_servers.other: {"command":"npx","env":{"TOKEN":"(hidden)"}} -> {"command":"npx","env":{"TOKEN":"(hidden, changed)"}}',
        'mcp_servers.gone: {"command":"npx","env":{"TOKEN":"(hidden)"}} -> (unset)',
        'mcp_servers.new: (unset) -> {"command":"npx","env":{"TOKEN":"(hidden)"}}',
      ].join("\n"),
    });
  });

  test("replies show secrets of MCP servers by name only, and the row keeps the values", async () => {
    const bed = await hostBed();
    const add = ["add-mcp-server", "--name", "rss", "--command", "npx", "--env"] as const;
    const answers = [
      await about(bed)(add[0], ...add.slice(1), env),
      await about(bed)("get"),
      await about(bed)(add[0], ...add.slice(1), '{"TOKEN":"hunter3","MORE":"hunter4"}'),
      await about(bed)("diff"),
      await about(bed)("diff", "--from", "1"),
      await about(bed)("history"),
      await about(bed)("rollback", "--to", "2"),
      await bed.ask(member, "groups", "config", "get"),
    ];
    expect(JSON.stringify(answers)).not.toMatch(/hunter\d/);
    expect(answers[1]).toMatchObject({ data: { mcp_servers: { rss: { env: { TOKEN: "(hidden)" } } } } });
    expect(answers[3]).toMatchObject({
      data: {
        changes: [{ after: { rss: { env: { TOKEN: "(hidden, changed)", MORE: "(hidden)" } } } }],
      },
    });
    const row = await bed.central.db
      .selectFrom("container_configs")
      .select("mcp_servers")
      .where("agent_group_id", "=", "ag-team")
      .executeTakeFirstOrThrow();
    expect(row.mcp_servers).toContain("hunter2");
  });
});

describe("an invalid MCP server in the database", () => {
  /** Servers with secrets in places where the checks refuse them. */
  const saved = {
    web: { url: "https://h.example/mcp?api_key=hunter2" },
    figma: { command: "npx", args: ["-y", "figma-mcp", "--figma-api-key", "hunter3"] },
    old: { url: "http://me:hunter4@tools.example/mcp#hunter5" },
  };
  const prepared = async (): Promise<Bed> => {
    const bed = await hostBed();
    await bed.central.db
      .updateTable("container_configs")
      .set({ mcp_servers: JSON.stringify(saved) })
      .where("agent_group_id", "=", "ag-team")
      .execute();
    return bed;
  };

  test("an invalid saved server is shown with its secrets hidden", async () => {
    const bed = await prepared();
    const answers = [await about(bed)("get"), await bed.ask(member, "groups", "config", "get")];
    expect(JSON.stringify(answers)).not.toMatch(/hunter\d/);
    expect(answers[0]).toMatchObject({
      data: {
        mcp_servers: {
          web: { url: "https://h.example/mcp?api_key=(hidden)" },
          figma: { args: ["-y", "figma-mcp", "--figma-api-key", "(hidden)"] },
          old: { url: "http://(hidden)@tools.example/mcp#(hidden)" },
        },
      },
    });
  });

  test("an invalid saved server does not prevent other changes, and can be removed", async () => {
    const bed = await prepared();
    const add = await about(bed)("add-mcp-server", "--name", "new", "--url", "https://n.example");
    expect(add).toMatchObject({ ok: true, data: { added: "new" } });
    expect(await about(bed)("remove-mcp-server", "--name", "old")).toMatchObject({
      data: { removed: "old" },
    });
    const names = Object.keys({ ...saved, new: 0 }).filter((name) => name !== "old");
    expect(await about(bed)("get")).toMatchObject({
      data: { mcp_servers: Object.fromEntries(names.map((name) => [name, expect.anything()])) },
    });
  });

  test("a rollback does not restore an invalid server", async () => {
    const bed = await prepared();
    await about(bed)("update", "--model", "opus");
    await about(bed)("remove-mcp-server", "--name", "web");
    const answer = await about(bed)("rollback", "--to", "2");
    expect(answer).toMatchObject({ code: "invalid-args", message: expect.stringContaining("headers") });
    expect(JSON.stringify(answer)).not.toMatch(/hunter\d/);
  });
});

describe("a refusal of a wrong value", () => {
  test.each([
    { line: ["add-package", "--apt", "Big"], says: "--apt is not the name of a Debian package" },
    { line: ["remove-package", "--npm", "a b"], says: "--npm is not the name of an npm package" },
    { line: ["add-package", "--npm", ""], says: "--npm is empty. --npm is not" },
    { line: ["add-mcp-server", "--name", "a b", "--command", "c"], says: '"a b" (--name) is not a server' },
    { line: ["add-mcp-server", "--name", "a.b"], says: '"a.b" (--name) ' },
    { line: ["add-mcp-server", "--name", "a"], says: '"a" (--name) has neither a command nor a url' },
    { line: ["add-mcp-server", "--name", "a", "--url", "ftp://x"], says: "--url is not an address" },
    {
      line: ["add-mcp-server", "--name", "a", "--url", "https://h?api_key=hunter2"],
      says: "--url has what looks like a secret in its query: leave it out, and name a secret of the host in secret headers",
    },
    {
      line: ["add-mcp-server", "--name", "a", "--url", "http://localhost.evil.com"],
      says: "--url is plain http to another machine",
    },
    {
      line: ["add-mcp-server", "--name", "a", "--command", "c", "--args", "{}"],
      says: "--args is no list",
    },
    {
      line: ["add-mcp-server", "--name", "a", "--command", "c", "--env", '{"A.B":1}'],
      says: "--env A.B is not the name of an environment variable",
    },
  ])("the refusal of $line names the flag", async ({ line: [verb = "", ...flags], says }) => {
    const bed = await hostBed();
    const answer = await about(bed)(verb, ...flags);
    expect(answer).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining(says) as unknown,
    });
    expect(JSON.stringify(answer)).not.toMatch(/mcp_servers|packages_/);
  });
});

describe("packages", () => {
  test("packages are added once, and removed", async () => {
    const bed = await hostBed();
    await run(bed, "add-package ag-team --apt g++", "add-package ag-team --npm @scope/tool@1.2.3");
    expect(await about(bed)("add-package", "--apt", "g++")).toMatchObject({
      data: { packages_apt: ["g++"], packages_npm: ["@scope/tool@1.2.3"], generation: 3 },
      warnings: ["g++ was there already."],
    });
    expect(await about(bed)("remove-package", "--apt", "g++")).toMatchObject({
      data: { packages_apt: [], needs: "rebuild", removed: { apt: "g++", npm: null } },
    });
    expect(await about(bed)("remove-package", "--apt", "g++")).toMatchObject({ code: "not-found" });
  });

  test.each([
    ["--apt", "curl; rm -rf /"],
    ["--apt", "$(reboot)"],
    ["--npm", "../evil"],
    ["--apt=-o=Dir=/x"],
    [],
    ["--apt", "jq", "--npm", "../evil"],
  ])("add-package refuses %s %s", async (...flags) => {
    const bed = await hostBed();
    expect(await about(bed)("add-package", ...flags)).toMatchObject({ code: "invalid-args" });
  });
});

describe("mounts", () => {
  test("mounts are read-only without --rw, and removed by their path in the container", async () => {
    const bed = await hostBed();
    await run(bed, "add-mount ag-team --host /opt --container opt");
    expect(await about(bed)("add-mount", "--host", "/srv", "--container", "srv", "--rw")).toMatchObject({
      data: {
        additional_mounts: [
          { hostPath: "/opt", containerPath: "/workspace/extra/opt", readonly: true },
          { hostPath: "/srv", containerPath: "/workspace/extra/srv", readonly: false },
        ],
      },
    });
    expect(await about(bed)("remove-mount", "--container", "/workspace/extra/opt")).toMatchObject({
      data: { additional_mounts: [{ hostPath: "/srv" }] },
    });
    expect(await about(bed)("remove-mount", "--container", "srv")).toMatchObject({
      data: { additional_mounts: [] },
    });
    expect(await about(bed)("remove-mount", "--container", "srv")).toMatchObject({
      code: "not-found",
      message: 'There is no mount at "srv" (--container); there are: none.',
    });
  });

  test("add-mount refuses a folder that the machine's list does not allow, and names the command that allows it", async () => {
    const bed = await hostBed();
    rmSync(join(bed.dataDir, "mounts.json"));
    expect(await about(bed)("add-mount", "--host", "/opt", "--container", "opt")).toMatchObject({
      code: "invalid-args",
      message:
        "/opt (--host) is not in a folder that may be mounted on this machine; to allow it: gatehouse mounts allow /opt.",
    });
    await changeAllowList(bed.dataDir, (list) => ({ ...list, folders: [{ path: "/opt", access: "read" }] }));
    expect(await about(bed)("add-mount", "--host", "/opt", "--container", "opt", "--rw")).toMatchObject({
      message: expect.stringContaining("may be mounted read-only"),
    });
    expect(await about(bed)("add-mount", "--host", "/opt", "--container", "opt")).toMatchObject({ ok: true });
  });

  test("adding the same mount again changes nothing, and another mount at its path is refused", async () => {
    const bed = await hostBed();
    const add = (host: string, ...flags: readonly string[]) =>
      about(bed)("add-mount", "--host", host, "--container", "opt", ...flags);
    await add("/opt");
    expect(await add("/opt")).toMatchObject({
      data: { generation: 2, changes: [] },
      warnings: ["/workspace/extra/opt was there already."],
    });
    const refusal = {
      code: "invalid-args",
      message: 'There is another mount at "/workspace/extra/opt" (--container). Remove that one first.',
    };
    expect(await add("/opt", "--rw")).toMatchObject(refusal);
    expect(await add("/srv")).toMatchObject(refusal);
  });

  test.each([
    { host: "/etc/ssl", container: "x", says: "/etc" },
    { host: "/", container: "x", says: "holds" },
    { host: "opt", container: "x", says: "not absolute" },
    { host: "LINKS/none/at/all", container: "x", says: "is not there" },
    { host: "/opt", container: "../../workspace/agent", says: ".." },
    { host: "/opt", container: "/etc", says: "/workspace/extra" },
    { host: "/home", container: "x", says: "holds homes" },
    { host: "DATA", container: "x", says: "the data of all groups" },
    { host: "LINKS/to-etc", container: "x", says: "/etc" },
    { host: "LINKS/to-data/groups", container: "x", says: "is not there" },
    { host: "LINKS/to-data", container: "x", says: "the data of all groups" },
  ])("add-mount refuses $host at $container", async ({ host, container, says }) => {
    const bed = await hostBed();
    const links = temporaryFolder();
    symlinkSync("/etc", join(links, "to-etc"));
    symlinkSync(bed.dataDir, join(links, "to-data"));
    const path = host.replace("DATA", bed.dataDir).replace("LINKS", links);
    expect(await about(bed)("add-mount", "--host", path, "--container", container)).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining(says),
    });
  });
});

test("an MCP server cannot be named __proto__", async () => {
  const bed = await hostBed();
  expect(await about(bed)("add-mcp-server", "--name", "__proto__", "--command", "npx")).toMatchObject({
    code: "invalid-args",
    message: expect.stringContaining("(--name) is a name that no entry can have"),
  });
});

describe("the history of a configuration", () => {
  test("generations are listed, compared and restored, and their numbers have no gaps", async () => {
    const bed = await hostBed();
    await run(bed, "update ag-team --model opus", "add-package ag-team --apt ripgrep");
    expect(await about(bed)("diff")).toMatchObject({
      data: { changes: [{ field: "packages_apt", before: [], after: ["ripgrep"], needs: "rebuild" }] },
    });
    expect(await about(bed)("diff", "--from", "1", "--to", "2")).toMatchObject({
      data: { changes: [{ field: "model", before: null, after: "opus" }] },
    });
    expect(await about(bed)("rollback", "--to", "1")).toMatchObject({
      data: { generation: 4, model: null, packages_apt: [] },
    });
    const history = await about(bed)("history");
    expect(history).toMatchObject({
      data: [
        { generation: 4, change: "rollback" },
        { generation: 3, change: "update" },
        { generation: 2, change: "update" },
        { generation: 1, change: "create" },
      ],
    });
  });

  test.each([
    { verb: "rollback", flags: ["--to", "9"] },
    { verb: "diff", flags: ["--from", "9"] },
    { verb: "diff", flags: ["--to", "9"] },
  ])("$verb $flags is refused for an unknown generation", async ({ verb, flags }) => {
    const bed = await hostBed();
    expect(await about(bed)(verb, ...flags)).toMatchObject({
      code: "not-found",
      message: expect.stringContaining("no generation 9: the newest is 1"),
    });
  });

  test.each(["get", "history", "diff"])("%s refuses an unknown group as not-found", async (verb) => {
    const bed = await hostBed();
    expect(await bed.code(operator, "groups", "config", verb, "ag-none")).toBe("not-found");
  });

  test("the refusal about a group with a broken container.json says so", async () => {
    const bed = await hostBed();
    await bed.central.db.deleteFrom("container_configs").where("agent_group_id", "=", "ag-team").execute();
    expect(await about(bed)("get")).toMatchObject({
      code: "not-found",
      message: expect.stringContaining("container.json is broken") as unknown,
    });
  });
});

describe("groups config update --tools", () => {
  test("groups config update --tools of an agent waits for a person", async () => {
    const bed = await hostBed();
    const held = await bed.ask(member, "groups", "config", "update", "--tools", "allow-all");
    if (held.ok || held.approvalId === undefined) expect.fail("It did not wait for a person.");
    expect(await about(bed)("get")).toMatchObject({ data: { tools: "ask", generation: 1 } });
    await bed.ok(operator, "approvals", "approve", held.approvalId);
    expect(await about(bed)("get")).toMatchObject({ data: { tools: "allow-all", generation: 2 } });
  });

  test("an agent's rollback keeps the present value of tools", async () => {
    const bed = await hostBed();
    await run(bed, "update ag-team --tools allow-read", "update ag-team --tools deny --model opus");
    const held = await bed.ask(member, "groups", "config", "rollback", "--to", "2");
    if (held.ok || held.approvalId === undefined) expect.fail("It did not wait for a person.");
    await bed.ok(operator, "approvals", "approve", held.approvalId);
    expect(await about(bed)("get")).toMatchObject({ data: { tools: "deny", model: null } });
  });
});

describe("the check of a model and an effort by the CLI", () => {
  const checkModel = (
    provider: string,
    { model, effort }: { model: string | null; effort: string | null },
  ) => {
    asked.push(`${provider} ${model} ${effort}`);
    const known = ["opus", "opus-5", "haiku"];
    const unknown = [
      ...(model === null || known.includes(model)
        ? []
        : [{ field: "model" as const, value: model, near: "opus", known }]),
      ...(effort === null || effort === "high"
        ? []
        : [{ field: "effort" as const, value: effort, near: null, known: ["high"] }]),
    ];
    return Promise.resolve({
      unknown,
      notes: model === "haiku" ? ["Haiku has no effort."] : [],
      unasked: model === "opus-5" ? "Claude Code is not on the PATH of this host" : null,
    });
  };
  let asked: string[] = [];
  const checkedBed = () => {
    asked = [];
    return hostBed({ checkModel });
  };

  test.each([
    {
      flags: "--model opsu",
      says: 'The CLI of claude knows no model "opsu". Did you mean opus? It knows opus, opus-5, haiku.',
    },
    { flags: "--effort silly", says: 'The CLI of claude knows no effort "silly". It knows high.' },
    { flags: "--model opus --effort silly", says: "no effort" },
  ])("$flags is refused if the CLI does not know the name", async ({ flags, says }) => {
    const bed = await checkedBed();
    const answer = await about(bed)("update", ...flags.split(" "));
    expect(answer).toMatchObject({ ok: false, code: "invalid-args" });
    expect(answer.ok ? "" : answer.message).toContain(says);
    expect(answer.ok ? "" : answer.message).toContain("add --yes");
    expect(await about(bed)("get")).toMatchObject({ data: { generation: 1, model: null, effort: null } });
  });

  test("an unknown name is saved with --yes, with a warning", async () => {
    const bed = await checkedBed();
    expect(await about(bed)("update", "--model", "mine", "--yes")).toMatchObject({
      ok: true,
      data: { model: "mine" },
      warnings: [expect.stringContaining('knows no model "mine"')],
    });
    // It is saved, so another change does not ask the person again.
    expect(await about(bed)("update", "--effort", "high")).toMatchObject({
      ok: true,
      warnings: [expect.stringContaining('knows no model "mine"')],
    });
  });

  test("a note of the CLI is a warning of the reply", async () => {
    const bed = await checkedBed();
    const answer = await about(bed)("update", "--model", "haiku");
    expect(answer).toMatchObject({ ok: true, warnings: ["Haiku has no effort."] });
  });

  test("a name is saved with a warning if the CLI gives no answer", async () => {
    const bed = await checkedBed();
    const answer = await about(bed)("update", "--model", "opus-5");
    const warning = "It was saved unchecked: Claude Code is not on the PATH of this host.";
    expect(answer).toMatchObject({ ok: true, warnings: [warning] });
  });

  test("the CLI is asked about the values after the change, and only if the model or the provider changes", async () => {
    const bed = await checkedBed();
    await run(
      bed,
      "update ag-team --model opus",
      "update ag-team --timezone UTC",
      "update ag-team --provider codex",
    );
    await run(bed, "update ag-team --unset model,provider");
    expect(asked).toEqual(["claude opus null", "codex opus null"]);
  });

  test("an unknown name of an agent's request is refused before a person is asked", async () => {
    const bed = await checkedBed();
    const answer = await bed.ask(member, "groups", "config", "update", "--model", "opsu");
    expect(answer).toMatchObject({ ok: false, code: "invalid-args" });
    const good = await bed.ask(member, "groups", "config", "update", "--model", "opus");
    expect(good).toMatchObject({ ok: false, code: "approval-pending" });
  });
});
