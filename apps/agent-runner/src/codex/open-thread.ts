import { codexFloor } from "@gatehouse/provider-facts/agents";
import { fail, fieldsOf, ok, type Result } from "@gatehouse/std";
import type { ProviderError, ProviderPlace } from "../provider.ts";
import type { CallError, CodexProgram, SandboxMode } from "./codex-program.ts";
import { skillNamesIn } from "./skill-names.ts";
import { promptStateIn, threadIdIn, type PromptState } from "./thread.ts";

const tooOld = (why: string): ProviderError => ({
  code: "failed",
  message: `This Codex is too old: ${codexFloor} or newer is needed. ${why}`,
});

/** Ends the commands of a thread that still run. */
const endCommands = "thread/backgroundTerminals/clean";

/** Methods without which a turn could not go on after a kill, or its commands would outlive it. */
const needed = ["thread/turns/list", "thread/revert", endCommands];

/** A thread that no Codex has. */
const noThread = "00000000-0000-7000-8000-000000000000";

/** Introduces the runner, and tries whether Codex has the needed methods. */
export const introduce = async (program: CodexProgram): Promise<Result<null, ProviderError>> => {
  const clientInfo = { name: "gatehouse", title: null, version: "0" };
  const capabilities = { experimentalApi: true, requestAttestation: false };
  const hello = await program.call("initialize", { clientInfo, capabilities });
  if (!hello.ok) return fail(await startFailure(program, hello.error));
  if (isOlder(hello.value)) return fail(tooOld("It calls the tools of MCP servers without asking."));
  program.send({ method: "initialized" });
  for (const method of needed) {
    const tried = await program.call(method, { threadId: noThread, beforeTurnId: noThread });
    if (!tried.ok && tried.error.hasExited) return fail(failureOf(tried.error));
    if (!tried.ok && isUnknownMethod(tried.error)) return fail(tooOld(tried.error.message));
  }
  return ok(null);
};

/** Whether Codex names an older version than the floor: `gatehouse/0.166.0 (Debian 12.0.0; x86_64) ...`. */
const isOlder = (hello: unknown): boolean => {
  const { userAgent } = fieldsOf(hello);
  const [, version] = /^[^/]*\/(\d+\.\d+\.\d+)/u.exec(typeof userAgent === "string" ? userAgent : "") ?? [];
  return version !== undefined && version.localeCompare(codexFloor, "en", { numeric: true }) < 0;
};

const isUnknownMethod = ({ message }: CallError): boolean =>
  /unknown variant|method not found|unrecognized subcommand/i.test(message);

const startFailure = async (program: CodexProgram, error: CallError): Promise<ProviderError> => {
  if (!error.hasExited || isUnknownMethod(error)) return tooOld(error.message);
  const { wasStarted } = await program.exited;
  return { code: wasStarted ? "unavailable" : "failed", message: error.message };
};

/** An exit may be a kill, and the next try goes on; a refusal would come again. */
export const failureOf = ({ message, hasExited }: CallError): ProviderError => ({
  code: hasExited ? "unavailable" : "failed",
  message,
});

/** The names of the skills that Codex found for the agent. */
export const skillNames = async (program: CodexProgram, cwd: string): Promise<readonly string[]> => {
  const listed = await program.call("skills/list", { cwds: [cwd] });
  return listed.ok ? skillNamesIn(listed.value) : [];
};

type ThreadPlace = Pick<ProviderPlace, "json"> & {
  readonly cwd: string;
  readonly sandbox: SandboxMode;
};

/** `untrusted` asks for every command, also one that only reads (0.169.0). config.toml may not name it. */
const settingsOf = ({ json, cwd, sandbox }: ThreadPlace): object => ({
  cwd,
  sandbox,
  approvalPolicy: "untrusted",
  approvalsReviewer: "user",
  ...(json.model === null ? {} : { model: json.model }),
  ...(json.effort === null ? {} : { config: { model_reasoning_effort: json.effort } }),
});

/** Begins a thread, and returns its id. It is on disk from its first turn on. */
export const startThread = async (
  program: CodexProgram,
  place: ThreadPlace,
): Promise<Result<string, ProviderError>> => {
  const started = await program.call("thread/start", settingsOf(place));
  if (!started.ok) return fail(failureOf(started.error));
  const id = threadIdIn(started.value);
  return id === "" ? fail(tooOld("It named no thread.")) : ok(id);
};

/** Turns in which a prompt is looked for after a kill: it is the newest one. */
const newestTurns = 3;

/**
 * Resumes a thread, and reads how far Codex came with a prompt. A turn without an answer is reverted: nothing continues
 * it, and it would stay in the thread next to the prompt that is sent again.
 */
export const resumeThread = async (
  program: CodexProgram,
  place: ThreadPlace,
  { threadId, clientId }: { readonly threadId: string; readonly clientId: string },
): Promise<Result<Exclude<PromptState, { state: "open" }>, ProviderError>> => {
  const resumed = await program.call("thread/resume", {
    ...settingsOf(place),
    threadId,
    excludeTurns: true,
  });
  if (!resumed.ok) {
    const { message } = resumed.error;
    const isUnknown = !resumed.error.hasExited && /no rollout found|not found/i.test(message);
    return fail(isUnknown ? { code: "invalid-conversation", message } : failureOf(resumed.error));
  }
  const paging = { limit: newestTurns, sortDirection: "desc", itemsView: "full" };
  const listed = await program.call("thread/turns/list", { threadId, ...paging });
  if (!listed.ok) return fail(failureOf(listed.error));
  const seen = promptStateIn(fieldsOf(listed.value)["data"], clientId);
  if (seen.state !== "open") return ok(seen);
  const reverted = await program.call("thread/revert", { threadId, beforeTurnId: seen.turn });
  return reverted.ok ? ok({ state: "absent" }) : fail(failureOf(reverted.error));
};

/** Ends the commands that a turn began and left running. If Codex cannot, it ends with them. */
export const endCommandsOf = async (program: CodexProgram, threadId: string): Promise<void> => {
  if (!program.isRunning()) return;
  const ended = await program.call(endCommands, { threadId });
  if (ended.ok) return;
  program.kill();
  await program.exited;
};
