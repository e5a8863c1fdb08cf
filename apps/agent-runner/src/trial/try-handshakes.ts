import { realpath } from "node:fs/promises";
import { fail, ok, type Result } from "@gatehouse/std";
import type { AcpAgent } from "../acp/acp.ts";
import { failureOf, startAcp, type AcpProgram } from "../acp/acp-program.ts";
import { canResume, introduce as introduceToAcp } from "../acp/open-session.ts";
import { writeCodexFiles } from "../codex/codex-files.ts";
import { codexCommand, codexEnvironment, startCodex } from "../codex/codex-program.ts";
import { introduce } from "../codex/open-thread.ts";
import type { ProviderError } from "../provider.ts";
import { inTrialPlace, type TrialOptions } from "./trial-place.ts";

/**
 * Starts the real `codex app-server` as an agent's is started, and tries its version and the methods that a turn needs
 * after a kill. It asks no model, and takes 0.7 s (0.169.0).
 */
export const tryCodex = ({ env, limitMs }: TrialOptions): Promise<Result<null, ProviderError>> =>
  inTrialPlace("codex", env, async (place) => {
    const cwd = await realpath(place.cwd);
    await writeCodexFiles(place);
    const ownEnv = codexEnvironment(place.env, place.folder);
    const program = startCodex({ command: codexCommand(cwd), cwd, env: ownEnv });
    return handshake(program, introduce(program), { title: "Codex", limitMs });
  });

/**
 * Starts an agent that speaks the Agent Client Protocol as an agent of a group is started, and tries the version of the
 * protocol, and whether it can resume a session. It opens no session, asks no model, and takes 2.5 s (OpenCode 1.18.33).
 */
export const tryAcp =
  (agent: AcpAgent) =>
  ({ env, limitMs }: TrialOptions): Promise<Result<null, ProviderError>> =>
    inTrialPlace(agent.name, env, async (place) => {
      const launch = await agent.prepare(place);
      // OpenCode leaves a folder there (1.18.33), which is removed with the trial's.
      const program = startAcp({ ...launch, env: { ...launch.env, TMPDIR: place.folder } });
      const introduced = introduction(program).catch((error: unknown) => failureOf(program, error));
      return handshake(program, introduced, { title: agent.name, limitMs });
    });

const introduction = async (program: AcpProgram): Promise<Result<null, ProviderError>> => {
  const began = await introduceToAcp(program);
  if (!began.ok) return began;
  if (canResume(began.value)) return ok(null);
  const message = "The agent cannot resume a session, so a conversation would be lost with its process.";
  return fail({ code: "failed", message });
};

/** A program that was started for a trial. */
type Tried = { readonly exited: Promise<unknown>; readonly kill: () => void };

/**
 * Waits until a program has introduced itself, then ends it with its process group. `unavailable`: it took too long to
 * say anything.
 */
const handshake = async (
  program: Tried,
  introduced: Promise<Result<null, ProviderError>>,
  { title, limitMs }: { readonly title: string; readonly limitMs: number },
): Promise<Result<null, ProviderError>> => {
  let late: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Result<never, ProviderError>>((resolve) => {
    const message = `${title} did not finish its trial within ${limitMs / 1_000} s.`;
    late = setTimeout(() => resolve(fail({ code: "unavailable", message })), limitMs);
  });
  const result = await Promise.race([introduced, tooLate]);
  clearTimeout(late);
  program.kill();
  // Its folder is removed next.
  await program.exited;
  return result;
};
