import type { CompiledQuery } from "kysely";
import type { Actor } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, steward, type Bed } from "@gatehouse/dispatch/testing";
import { commands } from "./index.ts";

type Row = {
  readonly by: Actor;
  readonly line: string;
  readonly code: "not-found" | "invalid-args" | "handler-error";
  readonly says: RegExp;
};

const missing = { code: "not-found" } as const;
const invalid = { code: "invalid-args" } as const;
const conflict = { code: "handler-error" } as const;

/** Command lines that would fail after an approval. `member` reaches `ag-team`, `steward` all groups. */
const table: readonly Row[] = [
  {
    by: steward,
    line: "groups create --name New --folder team",
    ...invalid,
    says: /--folder already: ag-team/,
  },
  { by: steward, line: "groups create --name New --folder left", ...invalid, says: /left exists already/ },
  { by: steward, line: "groups create --name New --folder new --attach", ...missing, says: /There is no / },
  { by: steward, line: "groups update ag-none --name New", ...missing, says: /no "ag-none" in groups/ },
  { by: member, line: "groups update --name \n", ...invalid, says: /name/ },
  { by: steward, line: "groups delete ag-none", ...missing, says: /no "ag-none" in groups/ },
  { by: steward, line: "groups restart ag-none", ...missing, says: /no "ag-none" in groups/ },
  { by: member, line: "groups restart --rebuild", ...invalid, says: /Nothing was restarted/ },
  { by: member, line: "groups install-packages --apt jq", ...invalid, says: /installs no packages/ },
  { by: member, line: "groups restart --message \t", ...invalid, says: /--message is empty/ },
  {
    by: steward,
    line: "sessions config update se-none --provider echo",
    ...missing,
    says: /no session|no "se-none"/,
  },
  { by: steward, line: "sessions wake se-none", ...missing, says: /no "se-none" in sessions/ },
  { by: steward, line: "sessions close se-none", ...missing, says: /no "se-none" in sessions/ },
  {
    by: steward,
    line: "groups config update ag-none --model opus",
    ...missing,
    says: /no "ag-none" in groups/,
  },
  {
    by: member,
    line: "groups config update --model opus --if-generation 9",
    ...conflict,
    says: /generation 4/,
  },
  {
    by: steward,
    line: "groups config add-mcp-server ag-none --name a --command c",
    ...missing,
    says: /ag-none/,
  },
  {
    by: member,
    line: "groups config add-mcp-server --name a --command c --if-generation 9",
    ...conflict,
    says: /generation 4/,
  },
  {
    by: member,
    line: "groups config remove-mcp-server --name none",
    ...missing,
    says: /"none" \(--name\).*there/,
  },
  { by: steward, line: "groups config add-package ag-none --apt ripgrep", ...missing, says: /ag-none/ },
  {
    by: member,
    line: "groups config add-package --apt ripgrep --if-generation 1",
    ...conflict,
    says: /generation 4/,
  },
  { by: member, line: "groups config remove-package --apt there", ...missing, says: /"there" \(--apt\)/ },
  { by: member, line: "groups config rollback --to 9", ...missing, says: /generation 9/ },
  { by: member, line: "groups config rollback --to 1 --if-generation 9", ...conflict, says: /generation 4/ },
  {
    by: steward,
    line: "messaging-groups create --channel-type telegram --platform-id telegram:-1",
    ...invalid,
    says: /already: mg-team/,
  },
  {
    by: steward,
    line: "messaging-groups update mg-none --name New",
    ...missing,
    says: /"mg-none" in messaging-groups/,
  },
  { by: steward, line: "messaging-groups delete mg-none", ...missing, says: /"mg-none" in messaging-groups/ },
  { by: steward, line: "messaging-groups ask-again mg-none", ...missing, says: /"mg-none"/ },
  {
    by: steward,
    line: "wirings create --messaging-group-id mg-none --agent-group-id ag-team",
    ...missing,
    says: /"mg-none" in messaging-groups \(--messaging-group-id\)/,
  },
  {
    by: steward,
    line: "wirings create --messaging-group-id mg-team --agent-group-id ag-team",
    ...invalid,
    says: /already: wi-team/,
  },
  { by: member, line: "wirings update --engage-pattern (", ...invalid, says: /not a regular expression/ },
  { by: steward, line: "wirings delete wi-none", ...missing, says: /"wi-none" in wirings/ },
  { by: steward, line: "users create --id local:there --kind local", ...invalid, says: /--id already/ },
  { by: steward, line: "users create --id telegram --kind telegram", ...invalid, says: /CHANNEL:HANDLE/ },
  {
    by: steward,
    line: "users update telegram:none --display-name A",
    ...missing,
    says: /"telegram:none" in users/,
  },
  {
    by: steward,
    line: "roles grant --user telegram:none --role admin --group ag-team",
    ...missing,
    says: /"telegram:none" in users \(--user\)/,
  },
  {
    by: steward,
    line: "roles grant --user telegram:nobody --role admin --group ag-none",
    ...missing,
    says: /"ag-none" in groups \(--group\)/,
  },
  {
    by: steward,
    line: "roles revoke --user telegram:nobody --role owner",
    ...missing,
    says: /not owner of all/,
  },
  {
    by: member,
    line: "members add --user telegram:none",
    ...missing,
    says: /no user "telegram:none" \(--user\)/,
  },
  { by: member, line: "members remove --user telegram:nobody", ...missing, says: /no member of ag-team/ },
  {
    by: member,
    line: "destinations add --local-name new --target-type agent --target-id ag-none",
    ...missing,
    says: /no agent "ag-none" \(--target-id\)/,
  },
  {
    by: member,
    line: "destinations add --local-name there --target-type channel --target-id mg-free",
    ...invalid,
    says: /--local-name already/,
  },
  { by: member, line: "tasks create --text Hi --cron nonsense", ...invalid, says: /--cron has five fields/ },
  { by: member, line: "tasks update ta-none --every 1d", ...missing, says: /"ta-none"/ },
  { by: member, line: "tasks resume ta-none", ...missing, says: /"ta-none"/ },
  { by: member, line: "tasks run ta-none", ...missing, says: /"ta-none"/ },
  { by: member, line: "destinations remove --local-name none", ...missing, says: /no destination "none"/ },
];

/**
 * `ag-team` has a server, a package and a destination. `ag-other` has others, which `member` must not see.
 */
const prepared = async (): Promise<Bed> => {
  const bed = await hostBed();
  for (const line of [
    "groups config add-mcp-server ag-team --name there --command npx",
    "groups config add-package ag-team --npm there",
    "groups config update ag-team --effort low",
    "groups config add-mcp-server ag-other --name theirs --command npx",
    "destinations add --agent-group-id ag-team --local-name there --target-type agent --target-id ag-other",
    "destinations add --agent-group-id ag-other --local-name theirs --target-type agent --target-id ag-home",
    "members add --user telegram:admin --group ag-other",
    "users create --id local:there",
  ])
    await bed.ok(operator, ...line.split(" "));
  mkdirSync(join(bed.dataDir, "groups/left"), { recursive: true });
  writeFileSync(join(bed.dataDir, "groups/left/CLAUDE.local.md"), "old");
  return bed;
};

const kept = ({ central }: Bed) => central.db.selectFrom("pending_approvals").selectAll().execute();

describe("a command of an agent that would fail", () => {
  test("the table has lines for each command that waits for a person", () => {
    const waiting = commands.filter(({ access }) => access === "approval").map(({ words }) => words);
    expect(waiting.filter((words) => !table.some(({ line }) => line.startsWith(`${words} `)))).toEqual([]);
  });

  test.each(table)("$line is refused at once, without asking a person", async ({ by, line, code, says }) => {
    const bed = await prepared();
    expect(await bed.ask(by, ...line.split(" "))).toMatchObject({
      ok: false,
      code,
      message: expect.stringMatching(says) as unknown,
    });
    expect(await kept(bed)).toEqual([]);
  });

  test(
    "a thousand requests that would fail add nothing to the list of approvals",
    { tags: ["slow"] },
    async () => {
      const bed = await prepared();
      for (let count = 0; count < 1_000; count += 1)
        await bed.code(member, "members", "remove", "--user", `telegram:${count}`);
      expect(await kept(bed)).toEqual([]);
    },
  );
});

describe("a request of an agent about another group's row", () => {
  /**
   * The SQL statements that the database gets during `ask`, without values. The log of decisions is left out:
   * it writes later, for every request.
   */
  const statementsOf = async ({ central }: Bed, ask: () => Promise<unknown>): Promise<readonly string[]> => {
    const statements: string[] = [];
    // Compiled queries go to the database object, and built queries to its executor.
    const takers = [central.db, central.reading].flatMap((db) => [db, db.getExecutor()]);
    const undo = [...new Set(takers)].map((taker) => {
      const run = taker.executeQuery.bind(taker);
      const noted = (query: CompiledQuery) => {
        if (!query.sql.startsWith('insert into "decisions"')) statements.push(query.sql);
        return run(query as never);
      };
      taker.executeQuery = noted as never;
      return () => void (taker.executeQuery = run as never);
    });
    await ask();
    for (const each of undo) each();
    return statements;
  };

  test.each([
    { line: "members remove --user ID", theirs: "telegram:admin", none: "telegram:nobody" },
    { line: "members remove --user ID", theirs: "telegram:admin", none: "telegram:none" },
    { line: "destinations remove --local-name ID", theirs: "theirs", none: "nothing" },
    { line: "groups config remove-mcp-server --name ID", theirs: "theirs", none: "nothing" },
    { line: "groups update ID --name New", theirs: "ag-other", none: "ag-nowhere" },
    { line: "groups update ID --name New", theirs: "other", none: "nowhere" },
    { line: "groups config get ID", theirs: "ag-other", none: "ag-nowhere" },
    { line: "sessions get ID", theirs: "se-other", none: "se-nowhere" },
    { line: "members list --group ID", theirs: "ag-other", none: "ag-nowhere" },
  ])(
    "$line about $theirs gets the same answer, by the same statements, as about an unknown row",
    async ({ line, theirs, none }) => {
      const bed = await prepared();
      const answerAbout = async (id: string) => {
        let answer: unknown;
        const statements = await statementsOf(bed, async () => {
          answer = await bed.ask(member, ...line.replace("ID", id).split(" "));
        });
        return { answer: JSON.stringify(answer).replaceAll(id, "ID"), statements };
      };
      // The first call compiles queries that later calls reuse.
      await answerAbout("anything");
      await bed.host.flush();
      const other = await answerAbout(theirs);
      await bed.host.flush();
      const nothing = await answerAbout(none);
      expect(other).toEqual(nothing);
      expect(other.statements.length).toBeGreaterThan(0);
      expect(await kept(bed)).toEqual([]);
    },
  );
});

describe("a command that waits for a person", () => {
  test.each([
    { by: member, line: "destinations remove --local-name there" },
    { by: member, line: "groups config add-mcp-server --name new --command npx --restart" },
    { by: member, line: "groups restart" },
    { by: steward, line: "groups create --name New --folder new" },
    { by: steward, line: "groups create --name New --folder left --attach" },
    { by: steward, line: "groups delete ag-team --purge" },
  ])("was rehearsed, and nothing of that is left: $line", async ({ by, line }) => {
    const bed = await prepared();
    await bed.host.flush();
    const { db } = bed.central;
    const all = async () => ({
      groups: await db.selectFrom("agent_groups").selectAll().execute(),
      destinations: await db.selectFrom("agent_destinations").selectAll().execute(),
      configs: await db.selectFrom("container_configs").selectAll().execute(),
      sessions: await db.selectFrom("sessions").selectAll().execute(),
      intents: await db.selectFrom("intents").selectAll().execute(),
      folders: readdirSync(join(bed.dataDir, "groups"), { recursive: true, encoding: "utf8" }).toSorted(),
    });
    const before = await all();
    expect(await bed.code(by, ...line.split(" "))).toBe("approval-pending");
    expect(await all()).toEqual(before);
  });

  test("needs no --yes of the agent: the card tells the person what the approval confirms", async () => {
    const bed = await prepared();
    const held = await bed.ask(steward, "groups", "delete", "ag-home");
    expect(await bed.ok(operator, "approvals", "get", held.ok ? "" : (held.approvalId ?? ""))).toMatchObject({
      consequence: [expect.stringMatching(/^ag-home would be hard to replace/)],
    });
  });

  test("an approved command is checked again when it runs, and a failure ends its approval", async () => {
    const bed = await prepared();
    await addRow(bed.central.db, "users", { id: "telegram:new" });
    const held = await bed.ask(member, "members", "add", "--user", "telegram:new");
    const id = held.ok ? "" : (held.approvalId ?? "");
    await bed.central.db.deleteFrom("users").where("id", "=", "telegram:new").execute();
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({
      status: "failed",
      error: { code: "not-found" },
    });
    expect(await bed.code(operator, "approvals", "approve", id)).toBe("handler-error");
  });
});

describe("a unique name in place of the id of a group", () => {
  test.each([
    { by: operator, line: "groups get team", id: "ag-team" },
    { by: operator, line: "groups config get team", id: "ag-team" },
    { by: member, line: "groups get team", id: "ag-team" },
  ])("$by.type gets the group by its name: $line", async ({ by, line, id }) => {
    const bed = await hostBed();
    const row = (await bed.ok(by, ...line.split(" "))) as Readonly<Record<string, unknown>>;
    expect([row["id"], row["agent_group_id"]]).toContain(id);
  });

  test("an approval is bound to the id, not to the name", async () => {
    const bed = await hostBed();
    await bed.ask(member, "groups", "update", "team", "--name", "Crew");
    expect(await bed.ok(operator, "approvals", "list")).toMatchObject([
      { shown: "ncl groups update --id ag-team --name Crew" },
    ]);
  });

  test.each([
    { what: "an unknown name", line: "members list --group xyzzy" },
    { what: "the name of its own group and another", line: "members list --group double" },
    { what: "the beginning of every id", line: "sessions list --group ag-" },
    { what: "an unknown target", line: "destinations add --type agent --target xyzzy --name x" },
    {
      what: "a target whose name two groups have",
      line: "destinations add --type agent --target double --name x",
    },
  ])("an agent in its group learns no other group's name by $what", async ({ line }) => {
    const bed = await hostBed();
    for (const id of ["a", "b"])
      await addRow(bed.central.db, "agent_groups", {
        id: `ag-${id}`,
        name: "double",
        folder: `secret-${id}`,
      });
    const answer = await bed.ask(member, ...line.split(" "));
    expect(answer.ok).toBe(false);
    expect(JSON.stringify(answer)).not.toMatch(/secret-|ag-a|ag-b|ag-other|mute/);
  });

  test.each([
    { what: "a name that two groups have", by: operator, line: "groups get double", code: "not-found" },
    { what: "a name that looks like an id", by: operator, line: "groups get ag-posing", code: "not-found" },
    { what: "a name that another group has as its id", by: operator, line: "groups get legacy", code: "ok" },
    {
      what: "another group's name, from an agent within its group,",
      by: member,
      line: "groups get other",
      code: "forbidden",
    },
    {
      what: "a person's name that a stranger chose",
      by: operator,
      line: "users get Ana",
      code: "not-found",
    },
    { what: "a chat's name", by: operator, line: "messaging-groups get Ana", code: "not-found" },
  ])("$what does not stand for an id", async ({ by, line, code }) => {
    const bed = await hostBed();
    const { db } = bed.central;
    const rows = { a: "double", b: "double", c: "ag-posing", d: "legacy" };
    for (const [id, name] of Object.entries(rows))
      await addRow(db, "agent_groups", { id: `ag-${id}`, name, folder: id });
    await addRow(db, "agent_groups", { id: "legacy", name: "by id", folder: "e" });
    await addRow(db, "users", { id: "telegram:ana", display_name: "Ana" });
    await addRow(db, "messaging_groups", { id: "mg-ana", name: "Ana", platform_id: "telegram:9" });
    const answer = await bed.ask(by, ...line.split(" "));
    expect(answer.ok ? "ok" : answer.code).toBe(code);
    if (answer.ok) expect(answer.data).toMatchObject({ id: "legacy", name: "by id" });
  });
});
