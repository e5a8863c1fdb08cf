import process from "node:process";
import { isCancel, password } from "@clack/prompts";
import type { Failure, Io } from "@gatehouse/cli-kit";
import { secretFor, vendorKeyProblem, vendorKeys } from "@gatehouse/gateway/secrets";
import { explainSecrets, readAllOfStdin, vendorOfProvider } from "@gatehouse/gateway-commands/keys";
import { fail, ok, type Result } from "@gatehouse/std";

export type SettleKeyOptions = {
  readonly dataDir: string;
  readonly group: { readonly id: string };
  readonly provider: string;
  /** The key comes from stdin. */
  readonly isOnStdin: boolean;
  /** A person can be asked. */
  readonly isAtTerminal: boolean;
};

/** The state of the key: `set` by this run, `there` before it, or `missing`. Null if the provider needs none. */
export type SettledKey = { readonly vendor: string; readonly state: "set" | "there" | "missing" } | null;

/** Makes sure that the group's agents have a key, if the operator gives one. A key that is set stays. */
export const settleKey = async (
  { dataDir, group, provider, isOnStdin, isAtTerminal }: SettleKeyOptions,
  io: Io,
): Promise<Result<SettledKey, Failure>> => {
  const vendor = vendorOfProvider(provider);
  if (vendor === null) return ok(null);
  const secrets = await vendorKeys.read(dataDir);
  if (!secrets.ok) return fail(explainSecrets(secrets.error));
  if (secretFor(secrets.value, { vendor, group: group.id }) !== null) return ok({ vendor, state: "there" });
  const key = isOnStdin ? await readAllOfStdin(io) : isAtTerminal ? await askForKey(vendor, io) : "";
  if (key === null) return fail({ code: "cancelled", message: "Cancelled. No key was set." });
  if (key === "" && !isOnStdin) return ok({ vendor, state: "missing" });
  const problem = vendorKeyProblem(key, vendor);
  if (problem !== null) return fail({ code: "invalid-key", message: `This is not a valid key. ${problem}` });
  const set = await vendorKeys.set(dataDir, { vendor, group: null, value: key });
  return set.ok ? ok({ vendor, state: "set" }) : fail(explainSecrets(set.error));
};

/** The typed key, without echo; empty if the person gives it later, null if they cancel. */
const askForKey = async (vendor: string, { signal }: Io): Promise<string | null> => {
  const or = vendor === "anthropic" ? "or a token of claude setup-token; " : "";
  const message = `The key of ${vendor}, for all groups (${or}empty: set it later)`;
  const typed: unknown = await password({
    message,
    output: process.stderr,
    signal: AbortSignal.any([signal]),
  });
  if (isCancel(typed)) return null;
  return typeof typed === "string" ? typed.trim() : "";
};
