import { fail, ok, type Result } from "@gatehouse/std";
import type { AcpAgent } from "../acp/acp-agent.ts";
import { startAcp, type AcpProgram } from "../acp/acp-program.ts";
import { failureOf } from "../acp/failures.ts";
import { canResume, introduce } from "../acp/open-session.ts";
import type { ProviderError } from "../provider.ts";
import { handshake } from "./handshake.ts";
import { inTrialPlace, type TrialOptions } from "./trial-place.ts";

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
  const began = await introduce(program);
  if (!began.ok) return began;
  if (canResume(began.value)) return ok(null);
  const message = "The agent cannot resume a session, so a conversation would be lost with its process.";
  return fail({ code: "failed", message });
};
