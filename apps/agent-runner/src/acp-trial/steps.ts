import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { InitializeResponse, McpServer } from "@agentclientprotocol/sdk";
import { systemCode } from "@gatehouse/std";
import type { AcpLaunch } from "../acp/acp-program.ts";
import { canResume } from "../acp/open-session.ts";
import type { InputPlace } from "../acp/tool-calls.ts";
import {
  introduceAgent,
  openLive,
  resumesBy,
  turnMs,
  waitFor,
  type Asked,
  type LiveAgent,
  type SeenTurn,
  type Waited,
} from "./live-agent.ts";
import { readsPrompt, readsResult, serverTool, vendorWords, type TrialModel } from "./trial-model.ts";
import type { Facts, StepResult } from "./trial-report.ts";

/** One trial of an agent. */
export type Trial = {
  readonly launch: AcpLaunch;
  readonly model: TrialModel;
  /** The folder of files that the trial's tools make, in which the agent works. */
  readonly cwd: string;
  /** The MCP server of the trial, and the file in which it notes what it sees. */
  readonly server: Extract<McpServer, { readonly command: string }>;
  readonly serverNotes: string;
  /** A key that no program besides the agent should see. */
  readonly key: string;
  /** Ids of running programs that the agent has started, and that live on without it; null if that cannot be seen. */
  readonly leftovers: () => Promise<readonly number[] | null>;
  readonly facts: Facts;
  /** Ends the running agent, and each that is started later, so that no step waits. */
  readonly signal: AbortSignal;
  /** The running agent of the last step; null if the next one starts another. */
  live: LiveAgent | null;
  /** The question of the first tool, for the steps that tell about it; null until one was asked. */
  firstAsked: FirstAsked | null;
};

type Step = (trial: Trial) => Promise<StepResult>;

const yes = (saw: string): StepResult => ({ outcome: "yes", saw });
const no = (saw: string): StepResult => ({ outcome: "no", saw });
const notSeen = (saw: string): StepResult => ({ outcome: "not-seen", saw });

/** Why something was not done, the rest of a sentence. */
const why = (waited: Exclude<Waited<unknown>, { readonly type: "done" }>): string => {
  if (waited.type === "late") return `had no end within ${waited.seconds} s`;
  if (waited.type === "exited") return `ended the program: ${waited.message}`;
  return `failed with ${waited.code}: ${quoted(waited.message)}`;
};

/** Characters of an agent's text that a line shows. */
const mostQuoted = 200;

const quoted = (text: string): string =>
  JSON.stringify(text.length > mostQuoted ? `${text.slice(0, mostQuoted)}…` : text);

type Opened = { readonly agent: LiveAgent } | { readonly agent: null; readonly result: StepResult };

/** The agent of the last step, or a new one with a session in the mode that the trial has found. */
const agentOf = async (trial: Trial): Promise<Opened> => {
  if (trial.live?.program.isRunning() === true) return { agent: trial.live };
  return openAgent(trial, { servers: [], kept: null });
};

/** Ends the running agent, so that the next step has a new one. */
export const endAgent = async (trial: Trial): Promise<void> => {
  trial.live?.program.kill();
  await trial.live?.program.exited;
  trial.live = null;
};

const openAgent = async (
  trial: Trial,
  opening: { readonly servers: McpServer[]; readonly kept: string | null },
): Promise<Opened> => {
  await endAgent(trial);
  const { program, introduced } = await introduceAgent(trial.launch, trial.signal);
  if (introduced.type !== "done") return { agent: null, result: notSeen(`the start ${why(introduced)}`) };
  const opened = await openLive(program, introduced.value, { ...opening, cwd: trial.cwd });
  if (opened.type !== "done") {
    program.kill();
    await program.exited;
    const offered = opened.type === "failed" ? signInsOf(introduced.value) : "";
    return { agent: null, result: notSeen(`the session ${why(opened)}${offered}`) };
  }
  trial.live = opened.value;
  if (trial.facts.mode !== null) await opened.value.setMode(trial.facts.mode);
  return { agent: opened.value };
};

/** The sign-ins of an agent that may have refused for want of one. */
const signInsOf = ({ authMethods }: InitializeResponse): string => {
  const methods = (authMethods ?? []).map(({ id, name }) => `${id}: ${name}`);
  return methods.length === 0 ? "" : ` (it offers ${methods.join(", ")})`;
};

/** Runs a step with a running agent. A turn without an end, or an exit, ends the agent. */
const withAgent =
  (run: (agent: LiveAgent, trial: Trial) => Promise<StepResult>): Step =>
  async (trial) => {
    const opened = await agentOf(trial);
    return opened.agent === null ? opened.result : run(opened.agent, trial);
  };

const turnOf = async (
  trial: Trial,
  agent: LiveAgent,
  words: Parameters<LiveAgent["turn"]>[0],
): Promise<SeenTurn> => {
  const turn = await agent.turn(words);
  if (turn.end.type !== "done") await endAgent(trial);
  return turn;
};

const start: Step = async (trial) => {
  const { program, introduced } = await introduceAgent(trial.launch, trial.signal);
  program.kill();
  await program.exited;
  if (introduced.type !== "done") return no(`the start ${why(introduced)}`);
  const { agentInfo, protocolVersion } = introduced.value;
  const named = agentInfo ? `${agentInfo.name} ${agentInfo.version}` : "an agent without a name";
  trial.facts.agent = named;
  return protocolVersion === 1
    ? yes(`${named} speaks version 1 of the protocol`)
    : no(`${named} answers with version ${protocolVersion} of the protocol, not 1`);
};

const signIn: Step = async (trial) => {
  const opened = await agentOf(trial);
  if (opened.agent === null) return { ...opened.result, outcome: "no" };
  const methods = (opened.agent.introduced.authMethods ?? []).map(({ id }) => id);
  const offers = methods.length === 0 ? "it offers none" : `it offers ${methods.join(", ")}`;
  const { modes } = opened.agent;
  const mode = modes == null ? "it has no modes" : `its mode is "${modes.currentModeId}"`;
  return yes(`it opened a session without a sign-in (${offers}; ${mode})`);
};

const prompt: Step = withAgent(async (agent, trial) => {
  const { end, text } = await turnOf(trial, agent, { words: "hello one" });
  const { requests } = trial.model;
  const paths = [...new Set(requests.map(({ path }) => path))];
  trial.facts.api = requests[0]?.api ?? null;
  trial.facts.paths = paths;
  if (requests.length === 0)
    return end.type === "done"
      ? no(`it did not ask the stand-in, and answered ${quoted(text)}`)
      : no(
          `it did not ask the stand-in: the prompt ${why(end)}${end.type === "failed" ? signInsOf(agent.introduced) : ""}`,
        );
  const asked = `${requests.length} ${requests.length === 1 ? "request" : "requests"} to ${paths.join(", ")}`;
  if (end.type !== "done") return no(`the prompt ${why(end)}, after ${asked}`);
  if (text.includes("you said: hello one"))
    return yes(
      text === "you said: hello one"
        ? `it answered, with ${asked}`
        : `it answered, and wrote more: ${quoted(text)}, with ${asked}`,
    );
  return no(`it answered ${quoted(text)}, with ${asked}`);
});

/** Longer than what an agent shows of a command that it cuts: Kimi Code 2.1.0 cuts its question after 50 characters. */
const filler = "x".repeat(160);

/** A command of a tool that makes a file, and whether the file is there. */
const making = ({ cwd }: Trial, name: string) => {
  const file = join(cwd, name);
  const command = `touch ${file} && true ${filler}-end`;
  return { words: `run ${command}`, command, isMade: () => existsSync(file) };
};

/** The question of the first tool. */
type FirstAsked = {
  readonly asked: Asked;
  readonly turn: SeenTurn;
  readonly command: string;
  readonly made: boolean;
};

/** Names of modes that ask, before other names. */
const asksByName = /default|ask|manual|normal|read-?only/i;

/** Names of modes in which an agent may run tools unasked. */
const boldByName = /auto|accept|bypass|yolo|never|full/i;

const toolAsked: Step = withAgent(async (agent, trial) => {
  const first = await tryTool(trial, agent, "made-first");
  const current = agent.modes?.currentModeId ?? "";
  const isTrusted = first.asked !== null && first.judged === 0 && !boldByName.test(current);
  if (isTrusted || (first.asked === null && !first.made)) return first.result;
  const own = agent.modes == null ? "" : ` in its mode "${current}"`;
  const modes = (agent.modes?.availableModes ?? [])
    .map(({ id }) => id)
    .filter((id) => id !== current && !boldByName.test(id))
    .toSorted((a, b) => Number(asksByName.test(b)) - Number(asksByName.test(a)));
  const did =
    first.asked === null
      ? `${own} it ran the command unasked`
      : first.judged > 0
        ? `${own} it asked the model again before it asked, which may judge the tool`
        : `${own} it asked as well, but the name says that it does not always`;
  for (const mode of modes) {
    await endAgent(trial);
    trial.facts.mode = mode;
    const opened = await agentOf(trial);
    if (opened.agent === null) continue;
    const tried = await tryTool(trial, opened.agent, `made-${mode.replaceAll(/\W/g, "-")}`);
    if (tried.asked !== null && tried.judged === 0)
      return yes(`it asks in the mode "${mode}", which the row sets;${did}`);
  }
  trial.facts.mode = null;
  await endAgent(trial);
  const others =
    modes.length === 0 ? "it has no other mode" : `nor does it ask by itself in ${modes.join(", ")}`;
  return no(`${did.trim()} (${others})`);
});

/** Runs a command, and allows it. `judged`: the requests between the call of the tool and the question. */
const tryTool = async (trial: Trial, agent: LiveAgent, name: string) => {
  const { words, isMade, command } = making(trial, name);
  const before = trial.model.requests.length;
  const turn = await turnOf(trial, agent, { words, answer: "allow_once" });
  const [asked = null] = turn.asked;
  const made = isMade();
  const requests = trial.model.requests.slice(before);
  const called = requests.find(({ isCalled }) => isCalled);
  if (asked !== null) {
    trial.firstAsked = { asked, turn, command, made };
    const judged = requests.filter(
      ({ at }) => called !== undefined && at > called.at && at < asked.at,
    ).length;
    const result = yes(`it asks before a command, with the choices ${choices(asked)}`);
    return { asked, made, judged, result };
  }
  const names = [...new Set(requests.flatMap(({ tools }) => tools.map((tool) => tool.name)))];
  const result =
    called !== undefined
      ? no(`it asked nobody, and the command ${made ? "ran" : "did not run"}: ${endOf(turn)}`)
      : notSeen(
          names.length === 0
            ? `it offers the model no tool: ${endOf(turn)}`
            : `the stand-in knows none of its tools for commands: ${names.join(", ")}`,
        );
  return { asked, made, judged: 0, result };
};

const choices = ({ request }: Asked): string => request.options.map(({ kind }) => kind).join(", ");

const endOf = ({ end, text }: SeenTurn): string =>
  end.type === "done"
    ? `the turn ended (${end.value}) ${text === "" ? "without a text" : `with ${quoted(text)}`}`
    : `the turn ${why(end)}`;

const nothingAsked = notSeen("it asked for no tool");

const inputShown: Step = async (trial) => {
  const seen = trial.firstAsked;
  if (seen === null) return nothingAsked;
  const place = inputPlace(seen.asked, seen.command);
  trial.facts.inputIn = place?.inputIn ?? null;
  return place === null
    ? no(
        "neither the question nor the reports before it show the whole command, so a person could not know what they allow",
      )
    : yes(place.saw);
};

/** Where the whole command of a call can be read before the answer; null if it is nowhere. */
const inputPlace = (
  { request: { toolCall }, reports }: Asked,
  command: string,
): { readonly inputIn: InputPlace; readonly saw: string } | null => {
  const has = (part: unknown): boolean => JSON.stringify(part ?? null).includes(command);
  if (reports.some((call) => call.status === "in_progress" && has(call.rawInput)))
    return { inputIn: "report", saw: "the report of the call has its whole input (in_progress)" };
  if (has(toolCall.rawInput)) return { inputIn: "request", saw: "the question has the whole input" };
  const cut = has(toolCall.content) || has(toolCall.title) ? "" : "; the question shows less";
  if (reports.some(({ content }) => has(content)))
    return { inputIn: "text", saw: `the text of the call's report has its whole input${cut}` };
  if (has(toolCall.content))
    return { inputIn: "words", saw: "the question has the command in a text, and no input" };
  if (has(toolCall.title))
    return { inputIn: "words", saw: "the question has the command in its title, and no input" };
  return null;
};

const allow: Step = (trial) => {
  const seen = trial.firstAsked;
  if (seen === null) return Promise.resolve(nothingAsked);
  const { turn, made } = seen;
  if (!made) return Promise.resolve(no(`the allowed command did not run: ${endOf(turn)}`));
  return Promise.resolve(
    turn.end.type === "done" && turn.text.includes("it ran")
      ? yes("the allowed command ran, and the model read its result")
      : no(`the allowed command ran, but ${endOf(turn)}`),
  );
};

const reject: Step = withAgent(async (agent, trial) => {
  if (trial.firstAsked === null) return nothingAsked;
  const { words, isMade } = making(trial, "made-denied");
  const before = trial.model.requests.length;
  const turn = await turnOf(trial, agent, { words });
  if (turn.asked.length === 0) return no(`it did not ask a second time: ${endOf(turn)}`);
  if (isMade()) return no(`the denied command ran (its choices: ${turn.asked.map(choices).join("; ")})`);
  if (turn.end.type !== "done") return no(`the command did not run, but the turn ${why(turn.end)}`);
  const isRead = readsResult(trial.model.requests.slice(before), words);
  trial.facts.denialEnds = !isRead;
  return yes(
    isRead
      ? "the command did not run, and the model read so in the same turn"
      : `the command did not run, and the turn ended (${turn.end.value}) before the model could read it`,
  );
});

/** Waits until something holds, the time is over, or the trial ends. */
const until = async ({ signal }: Trial, holds: () => boolean, limitMs: number): Promise<boolean> => {
  for (const end = performance.now() + limitMs; performance.now() < end && !signal.aborted;) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return holds();
};

/** Milliseconds between two looks at a file or a process. */
const pollMs = 50;

/** Time for what should follow at once: the end of a cancelled turn, of its command, or of the agent, ms. */
const soonMs = 8_000;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie does not run.
    return !/^\d+ \(.*\) Z /s.test(textIn(`/proc/${pid}/stat`));
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
};

/** Kills a program that may have ended. */
export const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    systemCode(error);
  }
};

const textIn = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    systemCode(error);
    return "";
  }
};

const cancel: Step = withAgent(async (agent, trial) => {
  const file = join(trial.cwd, "running");
  const turn = agent.turn({
    words: `run echo $$ > ${file}; exec sleep 300`,
    answer: "allow_once",
    limitMs: turnMs + soonMs,
  });
  const pidOf = (): number => Number(/^(\d{1,10})\n/.exec(textIn(file))?.[1] ?? 0);
  const isRunning = await until(trial, () => pidOf() > 0, turnMs);
  const pid = pidOf();
  const begun = performance.now();
  await agent.cancel();
  const seen = await turn;
  const took = performance.now() - begun;
  if (!isRunning) {
    await endAgent(trial);
    return notSeen(`no command ran that could be cancelled: ${endOf(seen)}`);
  }
  const isGone = await until(trial, () => !isAlive(pid), soonMs);
  if (seen.end.type !== "done") await endAgent(trial);
  if (!isGone) kill(pid);
  const ended =
    seen.end.type === "done" ? `ended (${seen.end.value}) after ${inSeconds(took)}` : why(seen.end);
  const command = isGone
    ? "its command ended"
    : `its command ran on, and was killed after ${soonMs / 1_000} s`;
  return seen.end.type === "done" && isGone
    ? yes(`the turn ${ended}, and ${command}`)
    : no(`the turn ${ended}, and ${command}`);
});

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** How a conversation was taken up after a kill. */
type Loaded = {
  /** `untried`: there was no conversation to take up, or the agent loads none. */
  readonly type: "loaded" | "lost" | "untried";
  /** The clock's minute was another one when the conversation began. */
  readonly isLater: boolean;
  readonly result: StepResult;
};

/** Kills the agent in the second turn of a conversation, and takes the conversation up. */
const killOnce = async (trial: Trial, beforeLoad: () => Promise<unknown>): Promise<Loaded> => {
  const begun = minute();
  const untried = (result: StepResult): Loaded => ({ type: "untried", isLater: false, result });
  const lost = (saw: string): Loaded => ({ type: "lost", isLater: false, result: no(saw) });
  const opened = await openAgent(trial, { servers: [], kept: null });
  if (opened.agent === null) return untried(opened.result);
  const first = await turnOf(trial, opened.agent, { words: "hello two" });
  if (first.end.type !== "done") return untried(notSeen(`no conversation to load: ${endOf(first)}`));
  const { introduced, sessionId: kept } = opened.agent;
  if (!canResume(introduced)) {
    await endAgent(trial);
    return untried(no("it can load no session: each new process begins a new conversation"));
  }
  const before = trial.model.requests.length;
  const cut = opened.agent.turn({ words: "wait" });
  await until(trial, () => trial.model.requests.length > before, turnMs);
  await endAgent(trial);
  await cut;
  await beforeLoad();
  const how = `after a kill in a turn, ${resumesBy(introduced)}`;
  const isLater = minute() !== begun;
  const loaded = await openAgent(trial, { servers: [], kept });
  if (loaded.agent === null) return lost(`${how}: ${loaded.result.saw}`);
  const { replayed } = loaded.agent;
  const seen = trial.model.requests.length;
  const next = await turnOf(trial, loaded.agent, { words: "hello three" });
  if (next.end.type !== "done") return lost(`${how} works, but the next prompt ${why(next.end)}`);
  const told = replayed.length === 0 ? "nothing is replayed" : `updates at the load: ${replayed.length}`;
  return readsPrompt(trial.model.requests.slice(seen), "hello two")
    ? { type: "loaded", isLater, result: yes(`${how} takes the conversation up (${told})`) }
    : lost(`${how} works (${told}), but the model reads nothing of before`);
};

/** Waits for the next minute of the clock, and another second. */
const nextMinute = (trial: Trial): Promise<unknown> =>
  until(trial, () => false, 61_000 - (Date.now() % 60_000));

const minute = (): number => Math.floor(Date.now() / 60_000);

/** Gemini CLI names a conversation by the minute of its start, and loses it if it is loaded in the same one (0.61.0). */
const killAndLoad: Step = async (trial) => {
  const tried = await killOnce(trial, () => Promise.resolve());
  const once =
    tried.type === "loaded" && tried.isLater ? await killOnce(trial, () => Promise.resolve()) : tried;
  if (once.type !== "lost") return once.result;
  const later = await killOnce(trial, () => nextMinute(trial));
  return later.type === "loaded"
    ? no(`${once.result.saw}; in the next minute of the clock it takes the conversation up`)
    : once.result;
};

const secondPrompt: Step = withAgent(async (agent, trial) => {
  const before = trial.model.requests.length;
  const first = agent.turn({ words: "slow one" });
  if (!(await until(trial, () => trial.model.requests.length > before, turnMs))) {
    trial.model.release();
    await first;
    await endAgent(trial);
    return notSeen("the first prompt did not reach the model");
  }
  const second = agent.turn({ words: "hello four" });
  const early = await Promise.race([
    first.then(() => "first" as const),
    second.then(() => "second" as const),
    new Promise<"none">((resolve) => setTimeout(() => resolve("none"), 3_000)),
  ]);
  trial.model.release();
  const [one, two] = [await first, await second];
  await endAgent(trial);
  const said = `the first one: ${shortEnd(one)}; the second one: ${shortEnd(two)}`;
  if (early === "none" && isAnswered(one) && isAnswered(two))
    return yes(`it answers one after the other (${said})`);
  return no(`two prompts at once (${said}); the host sends one at a time`);
});

const isAnswered = ({ end }: SeenTurn): boolean => end.type === "done" && end.value === "end_turn";

const shortEnd = ({ end }: SeenTurn): string => (end.type === "done" ? end.value : why(end));

/** Time for the start of an MCP server after the first prompt, ms. */
const serverMs = 5_000;

const mcp: Step = async (trial) => {
  const { server, serverNotes, facts } = trial;
  const opened = await openAgent(trial, { servers: [server], kept: null });
  if (opened.agent === null) return no(`with an MCP server, ${opened.result.saw}`);
  const { introduced } = opened.agent;
  const before = trial.model.requests.length;
  const isOffered = (): boolean =>
    trial.model.requests
      .slice(before)
      .some(({ tools }) => tools.some(({ name }) => name.includes(serverTool)));
  let turn = await turnOf(trial, opened.agent, { words: "mcp", answer: "allow_once" });
  // A session may begin before its servers have started.
  if (!isOffered() && trial.live !== null && (await until(trial, () => textIn(serverNotes) !== "", serverMs)))
    turn = await turnOf(trial, opened.agent, { words: "mcp", answer: "allow_once" });
  await endAgent(trial);
  const notes = textIn(serverNotes);
  const http = introduced.agentCapabilities?.mcpCapabilities?.http === true;
  const byHttp = http ? "; it says that it takes servers by http" : "";
  if (!notes.includes("started")) return no(`it does not start an MCP server that is a program${byHttp}`);
  const leak = notes.includes("has-key") ? "; the server's environment has the key" : "";
  const search = trial.model.requests
    .slice(before)
    .flatMap(({ tools }) => tools.map(({ name }) => name))
    .find((name) => /tool_?search/i.test(name));
  const hidden = search === undefined ? "" : `; tools may be behind its tool ${search}`;
  if (!isOffered())
    return no(`it starts the MCP server, but the model is not offered its tool${hidden}${leak}`);
  facts.takesServers = notes.includes("called");
  const asked = turn.asked.length > 0 ? "it asks before its tool" : "it asks nobody before its tool";
  return facts.takesServers
    ? yes(`it starts the MCP server, ${asked}, and calls it${leak}`)
    : no(`it starts the MCP server, ${asked}, and does not call it: ${endOf(turn)}${leak}`);
};

const error402: Step = withAgent(async (agent, trial) => {
  const turn = await turnOf(trial, agent, { words: "fail 402" });
  await endAgent(trial);
  const { end, text } = turn;
  if (end.type === "failed")
    return end.message.includes(vendorWords)
      ? yes(`the prompt failed with the vendor's words: ${end.code} ${quoted(end.message)}`)
      : no(`the prompt failed without the vendor's words: ${end.code} ${quoted(end.message)}`);
  if (end.type !== "done") return no(`the prompt ${why(end)}`);
  if (text.includes(vendorWords)) {
    const [line = ""] = text.slice(0, text.indexOf(vendorWords)).split("\n").slice(-1);
    // Copilot: "Error: 402 the words" (1.0.102). Without a number an answer of the model could look the same.
    trial.facts.errorPrefix = /^(.*?)\s*\b402\b/.exec(line)?.[1]?.trim() || null;
    return no(`the turn ended (${end.value}) with the error as the agent's text: ${quoted(text)}`);
  }
  return no(
    `the turn ended (${end.value}) ${text === "" ? "without a text" : `with ${quoted(text)}`}, as if all were well`,
  );
});

const end: Step = withAgent(async (agent, trial) => {
  const { program } = agent;
  const begun = performance.now();
  const closed = waitFor(program, program.exited, soonMs);
  program.endInput();
  const isEnded = (await closed).type !== "late";
  const took = inSeconds(performance.now() - begun);
  await endAgent(trial);
  const left = await trial.leftovers();
  for (const pid of left ?? []) kill(pid);
  const ended = isEnded
    ? `ended ${took} after its input`
    : `did not end within ${soonMs / 1_000} s of the end of its input, and was killed`;
  if (left === null)
    return isEnded ? yes(`it ${ended}; whether programs were left cannot be seen here`) : no(`it ${ended}`);
  const rest =
    left.length === 0 ? "no program was left" : `${left.length} of its programs ran on, and were killed`;
  return isEnded && left.length === 0 ? yes(`it ${ended}; ${rest}`) : no(`it ${ended}; ${rest}`);
});

/** The steps of a trial. Without the first three there is nothing to try. */
export const steps: readonly (readonly [string, Step])[] = [
  ["start", start],
  ["sign-in", signIn],
  ["prompt", prompt],
  ["tool asked", toolAsked],
  ["input shown", inputShown],
  ["allow", allow],
  ["reject", reject],
  ["cancel", cancel],
  ["kill and load", killAndLoad],
  ["second prompt", secondPrompt],
  ["MCP", mcp],
  ["error 402", error402],
  ["end", end],
];
