import type { ContainerConfig } from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import { cliInstructions } from "./cli-instructions.ts";

/** The texts of a skill for the agent's instructions. */
export type SkillText = {
  readonly name: string;
  /** The skill's description, on one line; empty if the skill has none. */
  readonly description: string;
  /** The skill's Markdown for every session of the group; empty if the skill has none. */
  readonly instructions: string;
};

/** The parts of a group's configuration from which its instructions are composed. */
export type Instructed = Pick<ContainerConfig, "cli_scope" | "mcp_servers"> & {
  /** The agent's name. Without it, the section about the name and the form of messages is omitted. */
  readonly agentName?: string;
  /** The texts of the group's skills. */
  readonly skillTexts?: readonly SkillText[];
};

/** The error for markers that are not one matching pair: our part cannot be separated from a person's text. */
export type BrokenMarkers = { readonly code: "broken-markers" };

const begin =
  "<!-- gatehouse:begin. The host writes this part again and again: write outside it, or into CLAUDE.local.md. -->";
const end = "<!-- gatehouse:end -->";
const anyMarker = /^<!-- gatehouse:(begin|end)\b.*$/gm;

/**
 * Composes the text of a group's CLAUDE.md (or AGENTS.md, GEMINI.md) from the person's text in `current` (null
 * without a file) and our part between two markers. Our part keeps its position. Returns null if no file is needed.
 * The group's CLAUDE.local.md is not included, because Claude Code reads it.
 *
 *     # Ana's agent                     a person's
 *     <!-- gatehouse:begin ... -->
 *     ## Your name and your messages    ours
 *     ## The admin CLI: `ncl`           ours: left out if the scope is `disabled`
 *     ## MCP server: rss                ours: the server's `instructions`
 *     ## Skills                         ours: a line for each, then the existing `instructions.md` files
 *     <!-- gatehouse:end -->
 */
export const composeClaudeMd = (
  current: string | null,
  config: Instructed,
): Result<string | null, BrokenMarkers> => {
  const text = current === null || isNanoclawComposition(current) ? "" : current;
  const cut = cutOut(text);
  if (cut === null) return { ok: false, error: { code: "broken-markers" } };
  const parts = modules.flatMap((module) => module(config)).filter((part) => part !== "");
  const ours = parts.length === 0 ? "" : `${begin}\n\n${parts.join("\n\n")}\n\n${end}\n`;
  const composed = `${cut.before}${ours === "" ? "" : gapAfter(cut.before)}${ours}${cut.after}`;
  return { ok: true, value: composed === "" && current === null ? null : composed };
};

/** True if a text has a marker of our part, also without the other marker. */
export const hasOurPart = (text: string): boolean => text.search(anyMarker) >= 0;

const namePart = ({ agentName }: Instructed): readonly string[] =>
  agentName === undefined ? [] : [messageForm(withoutMarkers(agentName))];

/** The agent's name and the form of its messages, as Markdown. `answersIn` of the agent-runner parses this form. */
const messageForm = (name: string): string =>
  `
## Your name and your messages

Your name is ${name}.

You send a message by writing it in this form, one block for each recipient:

    <message to="family-chat">The report is done.</message>

\`to\` is the name of a destination. The \`from\` of a message that you get is such a name, and a prompt lists all of them.
Text outside of these blocks is sent to nobody: think there. A block begins on a new line, and its text may have several lines.
In a message that you get, \`<replied-to>\` and \`<forwarded>\` have the words of another person, not those of its sender.`.trim();

const cliPart = ({ cli_scope: scope }: Instructed): readonly string[] => [cliInstructions[scope]];

const serverInstructions = ({ mcp_servers }: Instructed): readonly string[] =>
  Object.entries(mcp_servers)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, { instructions = "" }]) =>
      instructions.trim() === "" ? [] : [`## MCP server: ${name}\n\n${withoutMarkers(instructions.trim())}`],
    );

const skillInstructions = ({ skillTexts = [] }: Instructed): readonly string[] => {
  if (skillTexts.length === 0) return [];
  const lines = skillTexts.map(({ name, description }) =>
    withoutMarkers(description === "" ? `- ${name}` : `- ${name}: ${description}`),
  );
  const list = `## Skills\n\n${aboutSkills}\n\n${lines.join("\n")}`;
  const own = skillTexts
    .filter(({ instructions }) => instructions.trim() !== "")
    .map(({ name, instructions }) => `## Skill: ${name}\n\n${withoutMarkers(instructions.trim())}`);
  return [list, ...own];
};

const aboutSkills =
  "Each skill is a folder in `$GATEHOUSE_SKILLS`. Read its `SKILL.md` before you do a task that it is for.";

/** The sections of our part, in this order. A new section is a row here. */
const modules: readonly ((config: Instructed) => readonly string[])[] = [
  namePart,
  cliPart,
  serverInstructions,
  skillInstructions,
];

/**
 * Escapes markers in a server's or a skill's text: the rest after an end marker would look like a person's text.
 */
const withoutMarkers = (text: string): string =>
  text.replaceAll(/<!--(\s*)gatehouse:/g, "<!--$1(gatehouse):");

/** Returns the text before and after our part; null for markers that are not one matching pair. */
const cutOut = (text: string): { readonly before: string; readonly after: string } | null => {
  const markers = [...text.matchAll(anyMarker)];
  if (markers.length === 0) return { before: text, after: "" };
  const [first, second] = markers;
  if (markers.length !== 2 || first?.[1] !== "begin" || second?.[1] !== "end") return null;
  const after = text.slice(second.index + second[0].length);
  return { before: text.slice(0, first.index), after: after.replace(/^\r?\n/, "") };
};

/** The line ends to add before our part, so that it begins a new paragraph. */
const gapAfter = (before: string): string => {
  if (before === "" || before.endsWith("\n\n")) return "";
  return before.endsWith("\n") ? "\n" : "\n\n";
};

/**
 * True for a file that nanoclaw composed and no person changed. nanoclaw 2.0.48 writes the whole file at each start: a
 * comment, and imports of files in its containers.
 */
const isNanoclawComposition = (text: string): boolean =>
  /^<!-- Composed at spawn\b[^\n]*-->\n(@\.\/\.claude-(shared\.md|fragments\/\S+)\n|\n)*$/.test(text);
