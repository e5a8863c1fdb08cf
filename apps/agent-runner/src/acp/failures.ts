import { setTimeout as pause } from "node:timers/promises";
import { RequestError } from "@agentclientprotocol/sdk";
import { fail, type Result } from "@gatehouse/std";
import type { ProviderError } from "../provider.ts";
import type { CliExit } from "../cli-program.ts";
import type { AcpProgram } from "./acp-program.ts";

type Failure = Result<never, ProviderError>;

/** The error of a program that ended. */
export const exited = ({ wasStarted, message }: CliExit): Failure =>
  fail({ code: wasStarted ? "unavailable" : "failed", message });

/** Time for the exit that explains a lost connection, ms. */
const exitMs = 1_000;

/**
 * The error of a request that was not answered. What the agent says itself is final, since it has tried again
 * before. A lost connection is explained by the exit; a program that lives on without one is ended.
 */
export const failureOf = async (program: AcpProgram, error: unknown): Promise<Failure> => {
  if (error instanceof RequestError)
    return fail({ code: "failed", message: error.message.replace(/^Internal error: /, "") });
  const exit = await Promise.race([program.exited, pause(exitMs, null)]);
  if (exit !== null) return exited(exit);
  program.kill();
  return fail({ code: "unavailable", message: error instanceof Error ? error.message : String(error) });
};
