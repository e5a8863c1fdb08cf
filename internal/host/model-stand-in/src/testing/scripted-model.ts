import { fieldsOf, parseJson } from "@gatehouse/std";
import type { ModelReply, ModelRequest, OfferedTool } from "../model-apis.ts";
import { codeFor } from "../shell-tool.ts";
import { serveModels, textAfter, turnIn, type ModelStandIn } from "../model-stand-in.ts";

/** A model whose prompts say what it does. */
export type ScriptedModel = ModelStandIn & {
  /** The requests for an answer so far, the first one first. */
  readonly requests: readonly ModelRequest[];
};

export type ScriptOptions = {
  /** How late the text of an answer comes after the answer began, ms. */
  readonly lateMs?: number;
  /** Sees each request before its answer. */
  readonly onRequest?: (request: ModelRequest) => void;
};

/**
 * Serves a model that does what a prompt says by `rows`. Steps of a prompt are joined by ` then `: each follows the
 * result of the tool that the one before called. Another prompt gets `you said: PROMPT`, the last result `it ran`.
 */
export const openScriptedModel = async ({
  lateMs = 0,
  onRequest,
}: ScriptOptions = {}): Promise<ScriptedModel> => {
  const requests: ModelRequest[] = [];
  const times = new Map<string, number>();
  const standIn = await serveModels(async (request) => {
    requests.push(request);
    onRequest?.(request);
    const { prompt, ran } = turnIn(request.said);
    const step = prompt.split(" then ")[ran] ?? "";
    const time = (): number => {
      times.set(step, (times.get(step) ?? 0) + 1);
      return times.get(step) ?? 0;
    };
    for (const { prompt: pattern, reply } of rows) {
      const match = pattern.exec(step);
      const replied = match && reply(match, { request, time });
      if (replied) return { lateMs, ...replied };
    }
    return { type: "text", text: textAfter(prompt, ran), lateMs };
  });
  return { ...standIn, requests };
};

type Asked = {
  readonly request: ModelRequest;
  /** How often this step was asked, with this time. */
  readonly time: () => number;
};

/** Null: the next row that has the prompt answers, or none. */
type Row = {
  readonly prompt: RegExp;
  readonly reply: (match: RegExpExecArray, asked: Asked) => ModelReply | null;
};

/** The tools that run commands, and how each takes one. A model of Codex's "code mode" calls all tools in JavaScript. */
const shells: Readonly<Record<string, (command: string) => object | string>> = {
  bash: (command) => ({ command, description: "Runs it" }),
  run_shell_command: (command) => ({ command, description: "Runs it" }),
  exec_command: (cmd) => ({ cmd }),
  exec: codeFor,
};

/** What a prompt may say. */
const rows: readonly Row[] = [
  // `refuse STATUS` is never answered; `busy STATUS` and `cut` are, at the third time.
  {
    prompt: /^refuse (\d{3})$/,
    reply: ([, status]) => ({ type: "error", status: Number(status), message: vendorWords, mayRetry: false }),
  },
  {
    prompt: /^busy (\d{3})$/,
    reply: ([, status], { time }) =>
      time() > 2 ? null : { type: "error", status: Number(status), message: vendorWords, mayRetry: true },
  },
  { prompt: /^cut$/, reply: (_, { time }) => (time() > 2 ? null : { type: "cut" }) },
  {
    prompt: /^run (.+)$/,
    reply: ([, command = ""], { request }) => {
      const [name = "bash", input] =
        Object.entries(shells).find(([each]) => offered(request, each) !== undefined) ?? [];
      return called(offered(request, name) ?? unseen(request, "Bash"), (input ?? shells["bash"]!)(command));
    },
  },
  {
    prompt: /^use (\S+) (\{.*\})$/,
    reply: ([, name = "", json = ""], { request }) =>
      called(
        offered(request, name) ?? unseen(request, name),
        fieldsOf(parseJson(json.replace("PLAN_FILE", planFileIn(request)))),
      ),
  },
  // Of Codex: a patch that adds a file, code for its "code mode", and a tool of a server, which a model may have to search for.
  {
    prompt: /^patch (\S+)$/,
    reply: ([, file], { request }) => {
      const lines = ["*** Begin Patch", `*** Add File: ${file}`, "+patched", "*** End Patch", ""];
      return called(offered(request, "apply_patch"), lines.join("\n"));
    },
  },
  { prompt: /^js (.+)$/, reply: ([, code = ""], { request }) => called(offered(request, "exec"), code) },
  {
    prompt: /^call (\S+) (\S+)$/,
    reply: ([, server, name = ""], { request }) =>
      called(offered(request, name, `mcp__${server}`), {}) ??
      called(offered(request, "tool_search"), { query: name }),
  },
];

const vendorWords = "the words of the vendor";

/** A tool of a request by its name, which begins with a small letter in some CLIs. */
const offered = ({ tools }: ModelRequest, name: string, group?: string): OfferedTool | undefined =>
  tools.find(
    (tool) => tool.name.toLowerCase() === name.toLowerCase() && (group === undefined || tool.group === group),
  );

/** Claude Code names a few of its tools only when the model searches for them. It takes a call of one at once. */
const unseen = ({ api, tools }: ModelRequest, name: string): OfferedTool | undefined =>
  api === "anthropic" && tools.length > 0 ? { name, group: null, type: "function", schema: {} } : undefined;

const called = (tool: OfferedTool | undefined, input: object | string): ModelReply | null =>
  tool === undefined
    ? null
    : { type: "call", tool, input: typeof input === "string" ? input : fieldsOf(input) };

/** The file that Claude Code names for the plan in plan mode. */
const planFileIn = ({ body }: ModelRequest): string =>
  /[^"\s\\]*\/plans\/[\w-]+\.md/.exec(JSON.stringify(body["messages"]))?.[0] ?? "";
