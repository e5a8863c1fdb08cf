import type { AgentPort, AgentSight, AgentStart } from "../lifecycle/launch-ports.ts";

/** The behaviour of a case's agents after their start. */
export type AgentBehaviour =
  /** Becomes ready after a while, and keeps running. */
  | "ready"
  /** Asks a question that stays unanswered. */
  | "asks"
  /** Ends by itself. */
  | "ends"
  /** Cannot be started, because its program is missing. */
  | "missing";

/** A machine on which no agent is running. */
export type AgentSubject = {
  /** The port of a launcher that starts now. All launchers are on one machine. */
  readonly launcher: () => AgentPort;
  /** The start of a member whose agent behaves as the case says. */
  readonly startOf: (team: string, member: string) => AgentStart;
};

/** One case. `check` rejects with the reason if the port breaks it. */
export type AgentCase = {
  readonly title: string;
  readonly agents: AgentBehaviour;
  readonly check: (subject: AgentSubject) => Promise<void>;
};

/**
 * The requirements of a launch on every agent port, for any test runner:
 * `for (const { title, agents, check } of agentContract) test(title, () => check(makeSubject(agents)));`
 */
export const agentContract: readonly AgentCase[] = [
  {
    title: "lists an agent by its id with its facts, for any launcher, in its own team only",
    agents: "ready",
    check: async ({ launcher, startOf }) => {
      const start = startOf("shop", "ana");
      const id = await started(launcher(), start);
      const other = launcher();
      const { member, provider, folder } = await become("ready", id, other);
      same([member, provider, folder], [start.member.name, start.member.provider, start.member.cwd]);
      same(await other.list("shop-2"), []);
    },
  },
  {
    title: "keeps a running agent and starts no second one",
    agents: "ready",
    check: async ({ launcher, startOf }) => {
      const id = await started(launcher(), startOf("shop", "ana"));
      same(await started(launcher(), startOf("shop", "ana")), id);
      same((await launcher().list("shop"))?.length, 1);
    },
  },
  {
    title: "lists an agent that asks as waiting, with a code and its question",
    agents: "asks",
    check: async ({ launcher, startOf }) => {
      const port = launcher();
      const { code, question } = await become("waiting", await started(port, startOf("shop", "ana")), port);
      same([isText(code), isText(question)], [true, true]);
    },
  },
  {
    title:
      "keeps an ended agent in the list, with a code and a message, and starts its member as a new agent",
    agents: "ends",
    check: async ({ launcher, startOf }) => {
      const port = launcher();
      const first = await started(port, startOf("shop", "ana"));
      const { code, message } = await become("ended", first, port);
      same([isText(code), isText(message)], [true, true]);
      same((await started(port, startOf("shop", "ana"))) === first, false);
    },
  },
  {
    title: "returns an error with a code and a message for an agent that cannot be started, and nothing runs",
    agents: "missing",
    check: async ({ launcher, startOf }) => {
      const port = launcher();
      const end = await port.start(startOf("shop", "ana"));
      same(!end.ok && isText(end.error.code) && isText(end.error.message), true);
      same(
        (await port.list("shop"))?.filter(({ state }) => state !== "ended"),
        [],
      );
    },
  },
];

/** Maximum number of reads until an agent reaches a state, and the interval between two reads, ms. */
const [maxReads, lookEvery] = [3_000, 20];

const become = async (state: AgentSight["state"], id: string, port: AgentPort): Promise<AgentSight> => {
  for (let looks = 1; ; looks += 1) {
    const agents = await port.list("shop");
    const own = agents?.find((agent) => agent.id === id);
    if (own?.state === state) return own;
    if (looks >= maxReads) throw new Error(`never ${state}: ${JSON.stringify(agents)}`);
    await new Promise((resolve) => setTimeout(resolve, lookEvery));
  }
};

const started = async (port: AgentPort, start: AgentStart): Promise<string> => {
  const end = await port.start(start);
  if (!end.ok) throw new Error(`not started: ${end.error.code}: ${end.error.message}`);
  return end.value.id;
};

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const same = (found: unknown, expected: unknown): void => {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`expected ${other}, found ${one}`);
};
