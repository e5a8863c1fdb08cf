import {
  serveModels,
  shellCall,
  type ModelReply,
  type ModelRequest,
  type ModelStandIn,
} from "@gatehouse/model-stand-in";

/** The words of the vendor in an error. A trial looks for them in what the agent says. */
export const vendorWords = "the words of the vendor";

/** The tool of the trial's MCP server. Agents put the server's name around it. */
export const serverTool = "gatehouse_greet";

/** Begins the text of every prompt of a trial: agents add texts of their own to a prompt. */
const mark = "gatehouse-try:";

/** The text of a prompt for the scripted model. */
export const promptText = (words: string): string => `${mark} ${words}`;

/** A request, when it came (ms of `performance.now()`), and whether its answer is a call of a tool. */
export type SeenRequest = ModelRequest & { readonly at: number; readonly isCalled: boolean };

/** A stand-in of the model that does what a prompt of the trial says. */
export type TrialModel = ModelStandIn & {
  /** All requests for an answer, the first one first. */
  readonly requests: readonly SeenRequest[];
  /** Lets the answers to `slow` go. */
  readonly release: () => void;
};

/**
 * Serves the scripted model. `hello` gets an answer, `slow` gets one after `release`, `wait` none, `fail STATUS` an error. `run
 * COMMAND` and `mcp` get a call of a tool, and the tool's result gets `it ran`.
 */
export const serveTrialModel = async (): Promise<TrialModel> => {
  const requests: SeenRequest[] = [];
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const standIn = await serveModels(async (request) => {
    const words = wordsIn(request);
    const reply = replyTo(words, request);
    requests.push({ ...request, at: performance.now(), isCalled: reply.type === "call" });
    if (words === "wait") return null;
    if (words.startsWith("slow")) await released;
    return reply;
  });
  return { ...standIn, requests, release: () => release() };
};

/** Whether the model has read the result of a tool in one of these requests, after the prompt of `words`. */
export const readsResult = (requests: readonly ModelRequest[], words: string): boolean =>
  requests.some(({ said }) => {
    const at = said.findLastIndex(({ text }) => text.includes(promptText(words)));
    return at >= 0 && said.slice(at + 1).some(({ type }) => type === "result");
  });

/** Whether one of the requests has the prompt of `words` in its conversation. */
export const readsPrompt = (requests: readonly ModelRequest[], words: string): boolean =>
  requests.some(({ said }) => said.some(({ text }) => text.includes(promptText(words))));

const ran = "(result)";

/** The words of the last prompt; `(result)` if a tool's result is later than it. */
const wordsIn = ({ said }: ModelRequest): string => {
  const last = said.findLast(({ type, text }) => type === "result" || text.includes(mark));
  if (last === undefined) return "";
  if (last.type === "result") return ran;
  return (
    last.text
      .slice(last.text.lastIndexOf(mark) + mark.length)
      .split("\n", 1)[0]
      ?.trim() ?? ""
  );
};

const replyTo = (words: string, { tools }: ModelRequest): ModelReply => {
  const [, status] = /^fail (\d+)$/.exec(words) ?? [];
  if (status !== undefined) return { type: "error", status: Number(status), message: vendorWords };
  if (words === ran) return { type: "text", text: "it ran" };
  const [, command] = /^run (.+)$/.exec(words) ?? [];
  const call = command === undefined ? null : shellCall(tools, command);
  if (call !== null) return call;
  const served = words === "mcp" ? tools.find(({ name }) => name.includes(serverTool)) : undefined;
  if (served !== undefined) return { type: "call", tool: served, input: {} };
  return { type: "text", text: `you said: ${words}` };
};
