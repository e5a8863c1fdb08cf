import { explainMove, moveCentral, noTarget, renderMove, type Moved } from "@gatehouse/central-database";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { chooseAddress } from "@gatehouse/postgres";
import type { Result } from "@gatehouse/std";
import { aloneInFolder } from "@gatehouse/data-folder";

/** `gatehouse database move`, parsed. */
export type MoveFlags = {
  readonly from?: string;
  readonly to?: string;
  readonly data?: string;
  readonly json?: boolean;
};

/**
 * Copies a host's database file to a database on a server, while no host runs. Prints the outcome and returns the
 * exit code.
 */
export const moveCommand = async (flags: MoveFlags, io: Io): Promise<number> => {
  const { from, to, data, json: isJson = false } = flags;
  const address = chooseAddress(io.env, to);
  if (!address.ok || address.value === null) {
    printFailure(io, isJson, address.ok ? noTarget : address.error);
    return 2;
  }
  const dataDir = dataFolder(io.env, from ?? data);
  const { value: target } = address;
  const moved = await aloneInFolder(dataDir, async (): Promise<Result<Moved, Failure>> => {
    const copied = await moveCentral(dataDir, target, () => new Date().toISOString());
    return copied.ok ? copied : { ok: false, error: explainMove(copied.error) };
  });
  if (!moved.ok) {
    printFailure(io, isJson, moved.error);
    return 1;
  }
  if (isJson) printJson(io, { ok: true, from: dataDir, to: target.shown, ...moved.value });
  else io.stdout.write(renderMove(moved.value, target));
  return 0;
};
