import { explainMove, moveCentral, type Moved } from "@gatehouse/control-plane";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { chooseAddress, type PostgresAddress } from "@gatehouse/postgres";
import type { Result } from "@gatehouse/std";
import { actForOwner } from "../up/act-for-owner.ts";
import { claimDataFolder } from "../up/claim-data-folder.ts";
import { explainStart } from "../up/explain-start.ts";

/** `gatehouse database move`, parsed. */
export type MoveFlags = {
  readonly from?: string;
  readonly to?: string;
  readonly data?: string;
  readonly json?: boolean;
};

/** Copies a host's file to a database on a server, while no host runs. Prints the outcome; gives the exit code. */
export const moveCommand = async (flags: MoveFlags, io: Io): Promise<number> => {
  const { from, to, data, json: isJson = false } = flags;
  const address = chooseAddress(io.env, to);
  if (!address.ok || address.value === null) {
    printFailure(io, isJson, address.ok ? noTarget : address.error);
    return 2;
  }
  const dataDir = dataFolder(io.env, from ?? data);
  const moved = await moveAlone(dataDir, address.value);
  if (!moved.ok) {
    printFailure(io, isJson, moved.error);
    return 1;
  }
  if (isJson) printJson(io, { ok: true, from: dataDir, to: address.value.shown, ...moved.value });
  else io.stdout.write(render(moved.value, address.value));
  return 0;
};

const noTarget: Failure = {
  code: "usage",
  message: "No database is named to copy to.",
  fix: "gatehouse database move --to postgresql:///NAME?host=/var/run/postgresql, or name it in GATEHOUSE_DATABASE",
};

const moveAlone = async (dataDir: string, to: PostgresAddress): Promise<Result<Moved, Failure>> => {
  const acting = await actForOwner(dataDir);
  if (!acting.ok) return acting;
  const claimed = await claimDataFolder(dataDir);
  if (!claimed.ok) return { ok: false, error: explainStart(claimed.error) };
  try {
    const moved = await moveCentral(dataDir, to, () => new Date().toISOString());
    return moved.ok ? moved : { ok: false, error: explainMove(moved.error) };
  } finally {
    await claimed.value.release();
  }
};

const render = ({ rows }: Moved, { shown }: PostgresAddress): string =>
  [
    ...Object.entries(rows).map(([table, count]) => `${table.padEnd(26)} ${count}`),
    `Copied to ${shown}, and every row compared. The file stays as it was.`,
    `Next: GATEHOUSE_DATABASE='${shown}' gatehouse up. From now on start the host with its database named: without it, it works on the old file.`,
    "",
  ].join("\n");
