import { printFailure, type Failure, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import type { Result } from "@gatehouse/std";
import { findMember, type HeldAgent, heldPlaces, listHeld, type NoSuchMember } from "@gatehouse/held-client";

export type MemberFlags = { readonly data?: string; readonly json?: boolean };

/** A member that was found, and its control socket. */
export type NamedAgent = { readonly agent: HeldAgent; readonly socket: string; readonly dataDir: string };

/** Codes of failures that a person has to look at: exit code 3. */
const personNeeded: ReadonlySet<string> = new Set(["question", "attach-needed"]);

/**
 * Finds a member and calls `run`, which returns an exit code or a failure. Prints the failure if there is
 * one.
 */
export const withMember = async (
  name: string,
  { data, json: isJson = false }: MemberFlags,
  io: Io,
  run: (named: NamedAgent) => Promise<Result<number, Failure>>,
): Promise<number> => {
  const found = await findIn(dataFolder(io.env, data), name);
  const ran = found.ok ? await run(found.value) : found;
  if (ran.ok) return ran.value;
  printFailure(io, isJson, ran.error);
  if (ran.error.code === "cancelled" && io.signal.aborted) return 130;
  return personNeeded.has(ran.error.code) ? 3 : 1;
};

const findIn = async (dataDir: string, name: string): Promise<Result<NamedAgent, Failure>> => {
  const listed = await listHeld(dataDir);
  if (!listed.ok) return listed;
  const found = findMember(listed.value.agents, name);
  if (!found.ok) return { ok: false, error: memberFailure(found.error) };
  return {
    ok: true,
    value: { agent: found.value, socket: heldPlaces(dataDir).socketOf(found.value.id), dataDir },
  };
};

const startOne = "No agent is held here. gatehouse launch --agents 1 --provider claude DIR starts one.";

/** Why a name leads to no agent, for a person. */
export const memberFailure = ({ code, name, known }: NoSuchMember): Failure => {
  const names = known.join(", ");
  switch (code) {
    case "no-such-member":
      return {
        code,
        message: `There is no agent ${name}.`,
        fix: known.length === 0 ? startOne : `There are: ${names}. See gatehouse ps.`,
      };
    case "ambiguous-member":
      return { code, message: `More than one agent has the name ${name}.`, fix: `Name one of: ${names}.` };
  }
};
