import type { ResponseFrame } from "@nc/cli-scope";
import { answerText } from "@nc/cli-scope/client";
import type { Result } from "@gatehouse/std";

/** The result of a tool, as the agent reads it. */
export type ToolResult = { readonly text: string; readonly isError: boolean };

/** The input of `send_message`. */
export type SendInput = {
  readonly text: string;
  /** The name of a destination. Without it the message goes to the chat that the turn came from. */
  readonly to?: string | undefined;
  /** Paths of files, under the rules of an answer's files. */
  readonly files?: readonly string[] | undefined;
};

/** The input of `install_packages`: names, and what they are for. */
export type InstallInput = {
  readonly apt: readonly string[];
  readonly npm: readonly string[];
  readonly reason: string;
};

/** The input of `add_mcp_server`: a program with its arguments and environment, or an address with its headers. */
export type McpServerInput = {
  readonly name: string;
  readonly reason: string;
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Variables by the names of secrets that the host has. */
  readonly secretEnv?: Readonly<Record<string, string>> | undefined;
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The same for headers. */
  readonly secretHeaders?: Readonly<Record<string, string>> | undefined;
  readonly instructions?: string | undefined;
};

/** The tools that act at the host, during one turn. The host decides what the agent may do with them. */
export type HostTools = {
  readonly sendMessage: (input: SendInput) => Promise<ToolResult>;
  /** Runs a command of `ncl`, given as argv, as the session's agent. */
  readonly ncl: (argv: readonly string[]) => Promise<ToolResult>;
  /** Asks for packages in the image of the agent's group. A person decides. */
  readonly installPackages: (input: InstallInput) => Promise<ToolResult>;
  /** Asks for an MCP server of the agent's group. A person decides. */
  readonly addMcpServer: (input: McpServerInput) => Promise<ToolResult>;
  /**
   * Call it when a provider begins the turn, or begins it again. `sent` are the messages that this turn has sent and
   * that the provider knows of, so that it does not send them again: the next equal one is another message.
   */
  readonly begin: (sent: readonly SendInput[]) => void;
};

export type HostToolsOptions = {
  /**
   * Sends a message at once. `occurrence`: how many equal ones the turn has sent before. The value has a sentence for
   * each file that was left out; the error is a sentence.
   */
  readonly send: (input: SendInput, occurrence: number) => Promise<Result<readonly string[], string>>;
  readonly ncl: (argv: readonly string[]) => Promise<ResponseFrame>;
  /** The agent's group. */
  readonly groupId: string;
};

export const hostToolsOf = ({ send, ncl: answer, groupId }: HostToolsOptions): HostTools => {
  let counts = new Map<string, number>();
  const count = (key: string, by: 1 | -1): number => {
    const before = counts.get(key) ?? 0;
    counts.set(key, before + by);
    return before;
  };
  const ncl = async (argv: readonly string[]): Promise<ToolResult> => {
    const frame = await answer(argv);
    const { out, err } = await answerText(frame, { program: "ncl", isJson: false, view: () => plain });
    // A command that waits for a person is no error: the agent must not repeat it.
    const isError = !frame.ok && frame.error.code !== "approval-pending";
    return { text: `${out}${err}`.trimEnd(), isError };
  };
  return {
    begin: (sent) => {
      counts = new Map();
      for (const input of sent) count(keyOf(input), 1);
    },
    sendMessage: async (input) => {
      const key = keyOf(input);
      const sent = await send(input, count(key, 1));
      if (!sent.ok) count(key, -1);
      return sent.ok
        ? { text: [`Sent to ${input.to ?? "this chat"}.`, ...sent.value].join("\n"), isError: false }
        : { text: sent.error, isError: true };
    },
    ncl,
    installPackages: (input) => ncl(installArgv(groupId, input)),
    addMcpServer: (input) => ncl(mcpServerArgv(groupId, input)),
  };
};

/** An agent that reaches all groups has to name its own. */
const installArgv = (groupId: string, { apt, npm, reason }: InstallInput): readonly string[] => [
  ...["groups", "install-packages", groupId, `--reason=${reason}`],
  ...(apt.length === 0 ? [] : [`--apt=${apt.join(",")}`]),
  ...(npm.length === 0 ? [] : [`--npm=${npm.join(",")}`]),
];

const mcpServerArgv = (groupId: string, { name, reason, ...parts }: McpServerInput): readonly string[] => [
  ...["groups", "config", "add-mcp-server", groupId, `--name=${name}`, `--reason=${reason}`, "--restart"],
  ...Object.entries(parts).flatMap(([part, value]) =>
    value === undefined
      ? []
      : [`--${flagOf(part)}=${typeof value === "string" ? value : JSON.stringify(value)}`],
  ),
];

/** `secretEnv` is `--secret-env`. */
const flagOf = (part: string): string => part.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Tables at their natural width, without colours. */
const plain = { columns: null, isColoured: false };

/** The key of a message: equal for equal messages, in any order of their fields. */
export const keyOf = ({ text, to, files }: SendInput): string =>
  JSON.stringify([to ?? null, text, files ?? []]);
