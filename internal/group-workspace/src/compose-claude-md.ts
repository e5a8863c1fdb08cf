import type { ContainerConfig } from "@nc/container-config";
import { cliInstructions } from "./cli-instructions.ts";
import { messageForm } from "./message-form.ts";
import type { Result } from "@gatehouse/std";

/** What an agent is told of a skill of its group. */
export type SkillText = {
  readonly name: string;
  /** What it is for, one line; empty if it does not say. */
  readonly description: string;
  /** Markdown that every session is to know, whether it uses the skill or not; empty if there is none. */
  readonly instructions: string;
};

/** The parts of a group's configuration that its instructions are made from. */
export type Instructed = Pick<ContainerConfig, "cli_scope" | "mcp_servers"> & {
  /** The agent's name; without it the instructions say neither it nor how messages are sent. */
  readonly agentName?: string;
  /** The skills that were chosen for the group, and are there. */
  readonly skillTexts?: readonly SkillText[];
};

/**
 * The markers of our part are not one matching pair, so our part cannot be separated from a person's text.
 */
export type BrokenMarkers = { readonly code: "broken-markers" };

const begin =
  "<!-- gatehouse:begin. The host writes this part again and again: write outside it, or into CLAUDE.local.md. -->";
const end = "<!-- gatehouse:end -->";
const anyMarker = /^<!-- gatehouse:(begin|end)\b.*$/gm;

/**
 * Composes the text of a group's CLAUDE.md (or AGENTS.md, GEMINI.md) from a person's text in `current` (null: there is no file) and our
 * part between two markers. Our part stays where it was. Null: no file is needed. Claude Code itself reads
 * the group's own CLAUDE.local.md.
 *
 *     # Ana's agent                     a person's
 *     <!-- gatehouse:begin ... -->
 *     ## Your name and your messages    ours
 *     ## The admin CLI: `ncl`           ours: left out if the scope is `disabled`
 *     ## MCP server: rss                ours: the server's `instructions`
 *     ## Skills                         ours: a line for each, then the `instructions.md` of those that have one
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

/** Whether a text has a part of ours, whole or broken. */
export const hasOurPart = (text: string): boolean => text.search(anyMarker) >= 0;

const namePart = ({ agentName }: Instructed): readonly string[] =>
  agentName === undefined ? [] : [messageForm(withoutMarkers(agentName))];

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

/** Who has something to say, in this order. One more is a row here. */
const modules: readonly ((config: Instructed) => readonly string[])[] = [
  namePart,
  cliPart,
  serverInstructions,
  skillInstructions,
];

/**
 * Makes markers in a server's or a skill's text harmless. A marker that closed our part early would make the rest look
 * like a person's text.
 */
const withoutMarkers = (text: string): string =>
  text.replaceAll(/<!--(\s*)gatehouse:/g, "<!--$1(gatehouse):");

/** The text before and after our part; null if there is not exactly one line for each marker. */
const cutOut = (text: string): { readonly before: string; readonly after: string } | null => {
  const markers = [...text.matchAll(anyMarker)];
  if (markers.length === 0) return { before: text, after: "" };
  const [first, second] = markers;
  if (markers.length !== 2 || first?.[1] !== "begin" || second?.[1] !== "end") return null;
  const after = text.slice(second.index + second[0].length);
  return { before: text.slice(0, first.index), after: after.replace(/^\r?\n/, "") };
};

/** Our part begins a new paragraph. */
const gapAfter = (before: string): string => {
  if (before === "" || before.endsWith("\n\n")) return "";
  return before.endsWith("\n") ? "\n" : "\n\n";
};

/**
 * A nanoclaw host (2.0.48) wrote the whole file at each start: a comment, and imports of files in its
 * containers.
 */
const isNanoclawComposition = (text: string): boolean =>
  /^<!-- Composed at spawn\b[^\n]*-->\n(@\.\/\.claude-(shared\.md|fragments\/\S+)\n|\n)*$/.test(text);
