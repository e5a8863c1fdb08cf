import { parseArgv } from "@nc/cli-scope/argv";
import { dispatch, type Actor, type AgentActor, type ErrorCode, type ResponseFrame } from "@nc/cli-scope";
import type { Isolation } from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import { expect, onTestFinished } from "vitest";
import { at, openedCentral, temporaryFolder, addRow } from "@gatehouse/central-database/testing";
import { placeFacts } from "@gatehouse/places/facts";
import type { Central } from "@gatehouse/central-database";
import { allowAllMounts } from "@gatehouse/mounts/testing";
import { centralCommandHost, type CentralCommandHost, type CommandHostOptions } from "./command-host.ts";

/** A host on a real data folder that is called as `ncl` would call it. */
export type Bed = {
  readonly dataDir: string;
  readonly central: Central;
  readonly host: CentralCommandHost;
  /** The bugs that `report` got. The test fails if it is not empty at the end. */
  readonly bugs: unknown[];
  /** Moves the clock forward, ms. Each reading of the clock is 1 ms later than the one before. */
  readonly later: (ms: number) => void;
  /** The answer to a command line, without the frame's id. */
  readonly ask: (actor: Actor, ...argv: readonly string[]) => Promise<Answer>;
  /** The data of a command that must succeed; fails the test if it does not. */
  readonly ok: (actor: Actor, ...argv: readonly string[]) => Promise<unknown>;
  /** `ok`, or the error code of a command. */
  readonly code: (actor: Actor, ...argv: readonly string[]) => Promise<ErrorCode | "ok">;
};

export type Answer =
  | { readonly ok: true; readonly data: unknown; readonly warnings: readonly string[] }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly approvalId: string | undefined;
    };

export const operator: Actor = { type: "host" };
/** The agent of the group `team`, which has the scope `group`. */
export const member: AgentActor = {
  type: "agent",
  sessionId: "se-team",
  groupId: "ag-team",
  messagingGroupId: "mg-team",
};
/** The agent of another group with the scope `group`. */
export const stranger: AgentActor = {
  type: "agent",
  sessionId: "se-other",
  groupId: "ag-other",
  messagingGroupId: null,
};
/** The agent of the group `home`, which has the scope `global`. */
export const steward: AgentActor = {
  type: "agent",
  sessionId: "se-home",
  groupId: "ag-home",
  messagingGroupId: null,
};
/** An agent whose scope is `disabled`. */
export const mute: AgentActor = {
  type: "agent",
  sessionId: "se-mute",
  groupId: "ag-mute",
  messagingGroupId: null,
};

export const person = (name: string): Actor => ({ type: "user", userId: `telegram:${name}` });

const done = async () => ({ ok: true, value: { data: { ok: true } } }) as const;

const noShare = "A process of the machine gets no share of its own.";
const cannot = {
  image: "A process runs the machine's own programs.",
  network: "A process has the machine's network.",
  cpus: noShare,
  memoryMb: noShare,
  pids: noShare,
  ...placeFacts.process.cannot,
};

/**
 * Four groups with a session each, a chat that is wired to `team`, an owner, an admin of `team` and a person
 * without a role.
 */
export const hostBed = async ({
  commandsOn = () => [],
  ...more
}: Pick<CommandHostOptions, "commands" | "handlers" | "checkModel" | "missingSecrets" | "runtime"> & {
  /** Further commands, which read the database themselves. */
  readonly commandsOn?: (central: Central, dataDir: string) => NonNullable<CommandHostOptions["commands"]>;
} = {}): Promise<Bed> => {
  const dataDir = temporaryFolder();
  allowAllMounts(dataDir);
  const central = await openedCentral(dataDir);
  let time = Date.parse(at);
  let ids = 0;
  const bugs: unknown[] = [];
  const host = centralCommandHost(central, {
    dataDir,
    home: "/home/operator",
    runtime: { name: "process", isolation: "process", cannot },
    machine: { name: "machine", isolation: "process", cannot },
    now: () => new Date((time += 1)).toISOString(),
    newId: (prefix) => `${prefix}-n${(ids += 1)}`,
    ...more,
    commands: [...commandsOn(central, dataDir), ...(more.commands ?? [])],
    handlers: {
      reload: done,
      wake: done,
      restart: done,
      rebuild: done,
      install: done,
      stop: done,
      ...more.handlers,
    },
    report: (error) => bugs.push(error),
  });
  onTestFinished(async () => {
    await host.flush();
    await host.intents.close();
    expect(bugs).toEqual([]);
  });
  const ask: Bed["ask"] = async (actor, ...argv) => answerOf(await dispatch(frameOf(argv), actor, host));
  const bed: Bed = {
    dataDir,
    central,
    host,
    bugs,
    later: (ms) => (time += ms),
    ask,
    ok: async (actor, ...argv) => {
      const answer = await ask(actor, ...argv);
      if (!answer.ok) expect.fail(`${argv.join(" ")}: ${answer.code}: ${answer.message}`);
      return answer.data;
    },
    code: async (actor, ...argv) => {
      const answer = await ask(actor, ...argv);
      return answer.ok ? "ok" : answer.code;
    },
  };
  await populate(bed, more.runtime?.isolation ?? "process");
  return bed;
};

/** The frame that `ncl` makes of a command line. */
export const frameOf = (argv: readonly string[]): unknown => {
  const parsed = parseArgv(argv);
  if (!parsed.ok) expect.fail(JSON.stringify(parsed.error));
  return { id: "1", command: parsed.value.command, args: parsed.value.args };
};

const answerOf = (frame: ResponseFrame): Answer =>
  frame.ok
    ? { ok: true, data: frame.data, warnings: frame.warnings ?? [] }
    : {
        ok: false,
        code: frame.error.code,
        message: frame.error.message,
        approvalId: frame.error.approvalId,
      };

const scopes = { team: "group", other: "group", home: "global", mute: "disabled" } as const;

const populate = async ({ central: { db }, ok }: Bed, isolation: Isolation): Promise<void> => {
  const configs = containerConfigStore(db, { now: () => at });
  await addRow(db, "messaging_groups", { id: "mg-team", platform_id: "telegram:-1", is_group: 1 });
  await addRow(db, "messaging_groups", { id: "mg-free", platform_id: "telegram:-2" });
  for (const [name, cli_scope] of Object.entries(scopes)) {
    const agent_group_id = `ag-${name}`;
    const messaging_group_id = name === "team" ? "mg-team" : null;
    await addRow(db, "agent_groups", { id: agent_group_id, name, folder: name });
    await configs.create(agent_group_id, { cli_scope, isolation });
    await addRow(db, "sessions", { id: `se-${name}`, agent_group_id, messaging_group_id });
  }
  await addRow(db, "messaging_group_agents", {
    id: "wi-team",
    messaging_group_id: "mg-team",
    agent_group_id: "ag-team",
  });
  for (const name of ["owner", "admin", "nobody"])
    await addRow(db, "users", { id: `telegram:${name}`, kind: "telegram", display_name: null });
  await ok(operator, "roles", "grant", "--user", "telegram:owner", "--role", "owner");
  await ok(operator, "roles", "grant", "--user", "telegram:admin", "--role", "admin", "--group", "ag-team");
};
