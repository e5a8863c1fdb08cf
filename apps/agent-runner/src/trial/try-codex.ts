import { realpath } from "node:fs/promises";
import type { Result } from "@gatehouse/std";
import { codexCommand, codexEnvironment } from "../codex/codex-command.ts";
import { writeCodexFiles } from "../codex/codex-files.ts";
import { startCodex } from "../codex/codex-program.ts";
import { introduce } from "../codex/open-thread.ts";
import type { ProviderError } from "../provider.ts";
import { handshake } from "./handshake.ts";
import { inTrialPlace, type TrialOptions } from "./trial-place.ts";

/**
 * Starts the real `codex app-server` as an agent's is started, and tries its version and the methods that a turn needs
 * after a kill. It asks no model, and takes 0.7 s (0.169.0).
 */
export const tryCodex = ({ env, limitMs }: TrialOptions): Promise<Result<null, ProviderError>> =>
  inTrialPlace("codex", env, async ({ folder, cwd: given, json, gateway, toolProgram, env: own }) => {
    const cwd = await realpath(given);
    await writeCodexFiles({ folder, cwd, settings: { ...json, gateway, toolProgram } });
    const program = startCodex({ command: codexCommand(cwd), cwd, env: codexEnvironment(own, folder) });
    return handshake(program, introduce(program), { title: "Codex", limitMs });
  });
