import { randomUUID } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { dataFolder } from "@gatehouse/fs-kit";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { aloneWithCentral, explainStart } from "@gatehouse/data-folder";
import { initGroup, type Initialised, type InitRequest } from "@gatehouse/control-plane";
import { socketPathProblem } from "@gatehouse/socket-server";
import { fail, ok, type Result } from "@gatehouse/std";
import { runnableProviders } from "./init-answers.ts";
import { chatStep, nextStep, pathStep } from "./next-step.ts";
import { explainInstructions, writeClaudeMd } from "@gatehouse/group-workspace";

/** `gatehouse init`, parsed and checked. What is missing is asked for at a terminal. */
export type InitFlags = DatabaseFlags & {
  readonly name?: string;
  readonly folder?: string;
  readonly owner?: string;
  readonly provider?: string;
  readonly data?: string;
  readonly json?: boolean;
};

/**
 * Creates the owner's group in a data folder in which no host runs. Prints the outcome and returns the exit
 * code.
 */
export const initCommand = async (flags: InitFlags, io: Io): Promise<number> => {
  const { data, json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, data);
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const tooLong = socketPathProblem(join(dataDir, "ncl.sock"));
  if (tooLong !== null) {
    printFailure(io, isJson, explainStart(tooLong));
    return 1;
  }
  const answered = await answersOf(flags, io);
  if (!answered.ok) {
    printFailure(io, isJson, answered.error);
    return answered.error.code === "cancelled" ? 130 : 2;
  }
  const { name, folder, owner, provider } = answered.value;
  const now = (): string => new Date().toISOString();
  const making = { now, id: (prefix: string) => `${prefix}-${randomUUID()}` };
  const made = await aloneWithCentral({ dataDir, ...chosen }, now, (central) =>
    initGroup(central, { dataDir, ...making }, { name, folder, owner, provider }),
  );
  if (!made.ok) {
    printFailure(io, isJson, made.error);
    return 1;
  }
  const written = await writeClaudeMd(dataDir, folder, { cli_scope: "global", mcp_servers: {} });
  const warnings = written.ok ? [] : [explainInstructions(written.error).message];
  if (isJson) printJson(io, { ok: true, ...made.value, warnings });
  else {
    const chat = made.value.owner === null ? [] : [chatStep(folder, flags, dataDir)];
    io.stdout.write(render(made.value, warnings, [...pathStep(io.env), nextStep(flags, dataDir), ...chat]));
  }
  return 0;
};

/** The flags, completed by a person where one is there. All that is missing is named at once otherwise. */
const answersOf = async (flags: InitFlags, io: Io): Promise<Result<InitRequest, Failure>> => {
  const { name, folder, owner, provider = runnableProviders[0]?.name ?? null, json } = flags;
  if (name !== undefined && folder !== undefined) return ok({ name, folder, owner: owner ?? null, provider });
  const isAtTerminal = process.stdin.isTTY && io.stderr.isTTY === true && json !== true;
  if (!isAtTerminal) {
    const missing = [
      ...(name === undefined ? ["--name"] : []),
      ...(folder === undefined ? ["--folder"] : []),
    ];
    return fail({
      code: "usage",
      message: `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing; at a terminal, init asks.`,
      fix: "gatehouse init --help",
    });
  }
  const { askInit } = await import("./ask-init.ts");
  const answers = await askInit(flags, io.signal);
  return answers === null
    ? fail({ code: "cancelled", message: "Cancelled. Nothing was made." })
    : ok(answers);
};

const render = (
  { group, owner }: Initialised,
  warnings: readonly string[],
  next: readonly string[],
): string =>
  [
    `Made ${JSON.stringify(group.name)}, the owner's group: ${group.id}, in ${group.path}.`,
    "Its agent may use all of ncl. The agents of groups that you make later may use it for their own group only.",
    ...(owner === null ? [] : ownerLines(group.id, owner)),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...next,
    "",
  ].join("\n");

const ownerLines = (
  groupId: string,
  { userId, chat }: NonNullable<Initialised["owner"]>,
): readonly string[] => [
  `${userId} is an owner.`,
  ...(chat !== null
    ? [`What ${userId} writes directly goes to the group (${chat.messagingGroupId}).`]
    : userId.startsWith("local:")
      ? []
      : [
          `Which chat has the direct messages of ${userId} is not known yet. Once it is listed by ncl messaging-groups list: ncl wirings create --messaging-group-id ID --agent-group-id ${groupId}`,
        ]),
];
