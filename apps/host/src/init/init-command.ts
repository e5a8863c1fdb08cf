import { randomUUID } from "node:crypto";
import { dataFolder } from "@gatehouse/fs-kit";
import { printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { chooseDatabase, type DatabaseFlags } from "../database/choose-database.ts";
import { aloneWithCentral } from "@gatehouse/data-folder";
import { initGroup, type Initialised } from "@gatehouse/control-plane";
import { chatStep, nextStep } from "./next-step.ts";
import { explainInstructions, writeClaudeMd } from "@gatehouse/group-workspace";

/** `gatehouse init`, parsed and checked. */
export type InitFlags = DatabaseFlags & {
  readonly name: string;
  readonly folder: string;
  readonly owner?: string;
  readonly data?: string;
  readonly json?: boolean;
};

/**
 * Creates the owner's group in a data folder in which no host runs. Prints the outcome and returns the exit
 * code.
 */
export const initCommand = async (flags: InitFlags, io: Io): Promise<number> => {
  const { name, folder, owner = null, data, json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, data);
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const now = (): string => new Date().toISOString();
  const making = { now, id: (prefix: string) => `${prefix}-${randomUUID()}` };
  const made = await aloneWithCentral({ dataDir, ...chosen }, now, (central) =>
    initGroup(central, { dataDir, ...making }, { name, folder, owner }),
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
    io.stdout.write(render(made.value, warnings, [nextStep(flags, dataDir), ...chat]));
  }
  return 0;
};

const render = (
  { group, owner }: Initialised,
  warnings: readonly string[],
  next: readonly string[],
): string =>
  [
    `Made ${JSON.stringify(group.name)}, the owner's group: ${group.id}, in ${group.path}.`,
    "Its agent may use all of ncl; every later group's agent only what is its own.",
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
