import { randomUUID } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { claudeFloor } from "@gatehouse/provider-facts/agents";
import { fail, ok, type Result } from "@gatehouse/std";
import type { Prompt, ProviderError, ProviderPlace, TurnTools } from "../provider.ts";
import { claudePath } from "../claude/claude-files.ts";
import { claude } from "../claude/claude.ts";
import { textIfThere } from "../files.ts";
import { linesOf, promptStateIn } from "../claude/transcript.ts";
import { hostToolsOf } from "../host-tools/host-tools.ts";
import { serveModelStandIn } from "@gatehouse/model-stand-in";
import { inTrialPlace, type TrialOptions } from "./trial-place.ts";

export type TryOptions = Pick<TrialOptions, "env"> & {
  /** Also kills Claude Code in the middle of its turn, and lets it go on. */
  readonly isKilled: boolean;
  /** Maximum time for all of it, ms. */
  readonly limitMs?: number;
};

/** Time for a trial on a busy machine, ms. It takes 0.6 s, and 1.2 s with the kill (2.1.328). */
const defaultLimitMs = 30_000;

/** The text in a file that the prompt names by `@`. Claude Code must not put it into the prompt. */
const expanded = "the text of a file";

/**
 * Starts the real Claude Code as an agent's is started, and lets it answer one prompt with a stand-in for the model on
 * the loopback. No documentation names the flags and variables of the driver, so this tries what each is there for.
 * `unavailable`: the trial took too long to say anything.
 */
export const tryClaude = (options: TryOptions): Promise<Result<null, ProviderError>> =>
  inTrialPlace("claude", options.env, (place) => tryIn(place, options));

const tryIn = async (
  made: ProviderPlace,
  { isKilled, limitMs = defaultLimitMs }: TryOptions,
): Promise<Result<null, ProviderError>> => {
  const { folder: root, cwd } = made;
  await writeFile(join(cwd, "named.txt"), expanded);
  const prompt = promptOf(`look at @${join(cwd, "named.txt")} again`);
  const late = AbortSignal.timeout(limitMs);
  const cut = new AbortController();
  let requests = 0;
  let isKept = false;
  let asked = "";
  const model = await serveModelStandIn(async ({ messages }) => {
    requests += 1;
    if (requests === 1) isKept = await isInTranscript(root, prompt.batch);
    asked = JSON.stringify(messages);
    if (!isKilled || requests > 1) return true;
    cut.abort("stop");
    return false;
  });
  const place: ProviderPlace = {
    ...made,
    gateway: { url: model.url, tokenCommand: "echo no-key", tokenFile: "/proc/nowhere" },
  };
  try {
    const first = await turnIn(place, prompt, AbortSignal.any([late, cut.signal]));
    const turn = cut.signal.aborted ? await turnIn(place, prompt, late) : first;
    if (late.aborted) return fail({ code: "unavailable", message: tookTooLong(limitMs) });
    if (!turn.ok) return turn;
    const wrong = [
      ...(turn.value === `you said: ${textOf(prompt)}` && !asked.includes(expanded)
        ? []
        : ["client_composed"]),
      ...(isKept ? [] : ["CLAUDE_CODE_EAGER_FLUSH"]),
      ...(asked.split(textOf(prompt)).length === 2 ? [] : ["CLAUDE_CODE_RESUME_INTERRUPTED_TURN"]),
    ];
    return wrong.length === 0 ? ok(null) : fail({ code: "failed", message: doesNotDo(wrong) });
  } finally {
    await model.close();
  }
};

const doesNotDo = (names: readonly string[]): string =>
  `This Claude Code does not do what the runner needs (${names.join(", ")}): ${claudeFloor} or newer is needed.`;

const tookTooLong = (limitMs: number): string =>
  `Claude Code did not finish its trial within ${limitMs / 1_000} s.`;

const promptOf = (text: string): Prompt => ({
  messages: [
    {
      id: "m-1",
      kind: "chat",
      content: { text },
      trigger: true,
      onWake: false,
      seq: 2,
      tries: 0,
      timestamp: "2026-01-01T00:00:00.000Z",
      sourceSessionId: null,
      processAfter: null,
      channelType: "local",
      platformId: "try",
      threadId: null,
    },
  ],
  notes: [],
  batch: randomUUID(),
});

const textOf = ({ messages }: Prompt): string => (messages[0]?.content as { readonly text: string }).text;

/** One turn of a new process. The text of its answer. */
const turnIn = async (
  place: ProviderPlace,
  prompt: Prompt,
  signal: AbortSignal,
): Promise<Result<string, ProviderError>> => {
  const provider = claude(place);
  const stopped = new AbortController();
  signal.addEventListener("abort", () => stopped.abort("stop"), { once: true });
  const turn = await provider.turn(prompt, toolsFor(stopped.signal));
  provider.stop();
  return turn.ok ? ok(turn.value.answers[0]?.text ?? "") : turn;
};

const noHost = (): Promise<never> => Promise.reject(new Error("A trial has no host."));

const toolsFor = (signal: AbortSignal): TurnTools => ({
  signal,
  promptText: (prompt) => `<message id="m-1">\n${textOf(prompt)}\n</message>`,
  destinations: [],
  attachmentsOf: () => [],
  ncl: noHost,
  toolRules: [],
  hostTools: hostToolsOf({ send: noHost, ncl: noHost, groupId: "ag-1" }),
  askTool: () => Promise.resolve({ behavior: "deny", message: "This is a trial." }),
  showText: () => {},
  setTool: () => {},
});

/** Whether a prompt is in the transcript, which a kill at this moment would leave. */
const isInTranscript = async (folder: string, batch: string): Promise<boolean> => {
  const projects = join(claudePath(folder), "projects");
  const files = await readdir(projects, { recursive: true }).catch(() => []);
  const texts = await Promise.all(
    files.filter((file) => file.endsWith(".jsonl")).map((file) => textIfThere(join(projects, file))),
  );
  return texts.some((text) => text !== null && promptStateIn(linesOf(text), batch).state !== "absent");
};
