import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { renderTable } from "@gatehouse/cli-kit/table";
import type { DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { dataFolder } from "@gatehouse/fs-kit";
import { fail, ok, visible, type Result } from "@gatehouse/std";
import { exchange } from "@nc/cli-scope/node";

export type MachinesFlags = { readonly data?: string; readonly json?: boolean };
export type RevokeFlags = MachinesFlags & DatabaseFlags & { readonly forceTakeover?: true };
export type InviteFlags = MachinesFlags & { readonly group: string; readonly address?: string };

/** Maximum time for the host's answer, s. */
const timeoutSeconds = 30;

type Machine = {
  readonly id: string;
  readonly name: string;
  readonly agent_group_id: string;
  readonly connected_at: string;
  readonly disconnected_at: string | null;
};

/** `gatehouse machines invite`: prints the command for another machine. Returns the exit code. */
export const inviteToMachine = async ({ group, address, ...flags }: InviteFlags, io: Io): Promise<number> => {
  const args = { group, ...(address === undefined ? {} : { address }) };
  const answered = await ask<{ readonly data: object; readonly human?: string }>(
    flags,
    io,
    "machines-invite",
    args,
  );
  if (!answered.ok) return failed(answered.error, flags, io);
  if (flags.json) printJson(io, { ok: true, ...answered.value.data });
  else io.stdout.write(`${answered.value.human ?? ""}\n`);
  return 0;
};

/** `gatehouse machines list`. Returns the exit code. */
export const listMachines = async (flags: MachinesFlags, io: Io): Promise<number> => {
  const listed = await machinesOf(flags, io);
  if (!listed.ok) return failed(listed.error, flags, io);
  const machines = listed.value;
  const groups = await groupsOf(flags, io);
  if (!groups.ok) return failed(groups.error, flags, io);
  if (flags.json) printJson(io, { ok: true, machines });
  else if (machines.length === 0)
    io.stdout.write("No group's agents run on another machine: gatehouse machines invite --group GROUP\n");
  else {
    const rows = machines.map((one) => ({
      cells: [one.name, nameOf(one, groups.value), connectionText(one)],
      below: [],
    }));
    io.stdout.write(renderTable(["machine", "group", "connection"], rows));
  }
  return 0;
};

const connectionText = ({ connected_at, disconnected_at }: Machine): string =>
  disconnected_at === null ? `connected since ${connected_at}` : `away since ${disconnected_at}`;

/** `gatehouse machines revoke`: ends the machine of a group, by the name or id of the machine or of its group. */
export const revokeMachine = async (wanted: string, flags: MachinesFlags, io: Io): Promise<number> => {
  const listed = await machinesOf(flags, io);
  if (!listed.ok) return failed(listed.error, flags, io);
  const groups = await groupsOf(flags, io);
  if (!groups.ok) return failed(groups.error, flags, io);
  const called = new Set(groups.value.filter(({ name }) => name === wanted).map(({ id }) => id));
  // A machine names itself, so its name counts only if nothing else is called so.
  const found =
    [
      ({ id }: Machine) => id === wanted,
      (one: Machine) => one.agent_group_id === wanted || called.has(one.agent_group_id),
      ({ name }: Machine) => name === wanted,
    ]
      .map((is) => listed.value.filter(is))
      .find((some) => some.length > 0) ?? [];
  const [machine] = found;
  if (machine === undefined || found.length > 1)
    return failed(machine === undefined ? unknown(wanted) : several(wanted), flags, io);
  const answered = await ask(flags, io, "machines-delete", { id: machine.id });
  if (!answered.ok) return failed(answered.error, flags, io);
  if (flags.json) printJson(io, { ok: true, revoked: machine });
  else
    io.stdout.write(
      `revoked ${visible(machine.name)}: its agents of ${visible(nameOf(machine, groups.value))} end, and the next run on this host\n`,
    );
  return 0;
};

type Group = { readonly id: string; readonly name: string };

/** The name of a machine's group. */
const nameOf = ({ agent_group_id }: Machine, groups: readonly Group[]): string =>
  groups.find(({ id }) => id === agent_group_id)?.name ?? agent_group_id;

const unknown = (wanted: string): Failure => ({
  code: "not-found",
  message: `There is no machine "${wanted}".`,
  fix: "gatehouse machines list; if it is a Pod, or the node of Pods: --force-takeover",
});

const several = (wanted: string): Failure => ({
  code: "ambiguous",
  message: `Several machines are called "${wanted}".`,
  fix: "name one by its id: gatehouse machines list --json",
});

const failed = (failure: Failure, { json = false }: MachinesFlags, io: Io): number => {
  printFailure(io, json, failure);
  return 1;
};

const machinesOf = async (flags: MachinesFlags, io: Io): Promise<Result<readonly Machine[], Failure>> => {
  const answered = await ask<{ readonly data: readonly Machine[] }>(flags, io, "machines-list", {});
  return answered.ok ? ok(answered.value.data) : answered;
};

const groupsOf = async (flags: MachinesFlags, io: Io): Promise<Result<readonly Group[], Failure>> => {
  const answered = await ask<{ readonly data: readonly Group[] }>(flags, io, "groups-list", {});
  return answered.ok ? ok(answered.value.data) : answered;
};

/** Asks the host of the data folder, as the operator. */
const ask = async <Answer>(
  { data }: MachinesFlags,
  io: Io,
  command: string,
  args: Readonly<Record<string, string>>,
): Promise<Result<Answer, Failure>> => {
  const dataDir = dataFolder(io.env, data);
  const request = { id: "1", command, args };
  const answer = await exchange({ path: `${dataDir}/ncl.sock`, request, seconds: timeoutSeconds });
  if (!answer.ok)
    return fail({ code: "no-host", message: `No host answers in ${dataDir}.`, fix: "gatehouse up --listen" });
  return answer.value.ok ? ok(answer.value as Answer) : fail(answer.value.error);
};
