/** A tool that an agent's CLI wants to use now, as its runner asks the host for it. */
export type ToolRequest = {
  /** The message whose turn the agent is in: the first prompt of the batch. */
  readonly messageId: string;
  /** The tool's name as the CLI says it: "Bash", "Write", "mcp__x__y". */
  readonly tool: string;
  /** Its whole input, JSON. */
  readonly input: unknown;
  /** How often this turn asked for the same tool with the same input before: 0, 1, ... */
  readonly occurrence: number;
  /** An earlier runner of this turn was killed, so the tool may have run already. */
  readonly mayHaveRun: boolean;
  /** The paths of the input that lead to another place than they name. A person reads them, and they are part of "exactly". */
  readonly realPaths?: readonly RealPath[] | undefined;
  /** Each text of the input, read as a path, leads into a folder of the agent. */
  readonly isInside?: boolean;
  /** The permissions that the CLI offers to keep. A person chooses at most one of them. */
  readonly suggestions?: readonly ToolSuggestion[];
  /** The CLI asks the person something, and no permission. */
  readonly question?: ToolQuestion;
};

/** Whether a text can be the name of a tool. The host denies a request for another one. */
export const isToolName = (text: string): boolean => /^[\w.:/-]{1,200}$/.test(text);

/** A path in a tool's input, and the place where its links lead. */
export type RealPath = {
  /** Its place in the input: `file_path`, `files[0]`. */
  readonly field: string;
  readonly realPath: string;
};

/** Rules in the CLI's own form, such as `Bash(npm test *)`. Only the CLI knows what they match. */
export type ToolSuggestion = readonly string[];

export type ToolQuestion =
  | { readonly type: "choices"; readonly questions: readonly AskedQuestion[] }
  /** The agent wants to follow this plan, Markdown. */
  | { readonly type: "plan"; readonly plan: string };

/** A question with options. A person may also answer it in words of their own. */
export type AskedQuestion = {
  readonly question: string;
  /** A word or two that name the question. */
  readonly header: string;
  readonly options: readonly { readonly label: string; readonly description: string }[];
  /** Several options may be chosen. */
  readonly isMultiple: boolean;
};

/** The answer to a request for a tool. */
export type ToolDecision =
  /** `rules`: the suggestion that a person has chosen; the CLI may allow it in the running process. */
  | { readonly behavior: "allow"; readonly rules?: ToolSuggestion }
  /** The agent reads the `message`. */
  | { readonly behavior: "deny"; readonly message: string }
  /** One text for each question, in their order. */
  | { readonly behavior: "answer"; readonly answers: readonly string[] };

/** JSON in which the keys of each object are sorted, so that equal inputs have one text. */
export const canonicalInput = (input: unknown): string => JSON.stringify(sorted(input));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  // A list of pairs would also be JSON; the prototype is null so that `__proto__` is a key like any other.
  const copy = Object.create(null) as Record<string, unknown>;
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(fields).sort()) copy[key] = sorted(fields[key]);
  return copy;
};
