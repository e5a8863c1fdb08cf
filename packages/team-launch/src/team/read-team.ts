import { edits, fail, nearest, ok, type Result } from "@gatehouse/std";
import { commandInPrompt } from "@gatehouse/provider-facts";
import { providers } from "@trust/preflight";
import { keyOf, type Platform } from "@trust/claude-state-probe";
import { limits } from "./limits.ts";
import type { Place, TeamProblem, Position } from "./team-problem.ts";
import {
  branchPart,
  expectations,
  memberKeys,
  teamKeys,
  teamSchema,
  type MemberEntry,
} from "./team-schema.ts";
import type { Role, Team, TeamMember } from "./team.ts";
import { readYamlTree, type TreeNode, type TreePair, type YamlTree } from "./yaml-tree.ts";

/**
 * Reads a team file completely and strictly. Any problem refuses the file, and all problems are reported, in the order
 * of the text (at most 200). Does not read folders: planning finds out whether one exists or is in a repository.
 */
export const readTeam = (text: string, context: TeamFileContext): Result<Team, readonly TeamProblem[]> => {
  if (text.length > limits.fileCharacters) {
    const most = limits.fileCharacters;
    return fail([{ code: "too-large", unit: "characters", most, line: 1, column: 1 }]);
  }
  const tree = readYamlTree(text);
  const { problems, entry } = tree.problems.some(({ code }) => code !== "yaml-feature-refused")
    ? { problems: tree.problems, entry: null }
    : checked(tree);
  if (entry === null || problems.length > 0) return fail(inOrder(problems).slice(0, limits.problems));
  return ok({
    name: entry.name,
    lead: memberOf(entry.lead, "lead", context),
    members: (entry.members ?? []).map((member) => memberOf(member, "member", context)),
  });
};

const inOrder = (problems: readonly TeamProblem[]): readonly TeamProblem[] =>
  [...problems].sort((a, b) => a.line - b.line || a.column - b.column);

const memberOf = (
  { folder, worktree = false, model, prompt, ...rest }: MemberEntry,
  role: Role,
  context: TeamFileContext,
): TeamMember => ({
  ...rest,
  role,
  ...(model === undefined ? {} : { model }),
  ...(prompt === undefined ? {} : { prompt }),
  folder: absoluteFolder(folder, context),
  worktree,
});

/** The bases for folders in a team file. All paths are absolute. */
type TeamFileContext = {
  /** The folder that `~` means. */
  readonly home: string;
  /** The folder of the team file, or the current folder: the base of relative folders. */
  readonly base: string;
  /** Default: linux, which also means every other Unix. */
  readonly platform?: Platform;
};

const isAbsolute = (folder: string, platform: Platform): boolean =>
  platform === "win32" ? /^(?:[a-z]:)?[\\/]/i.test(folder) : folder.startsWith("/");

/** A folder of a team file as an absolute path, without `.`, `..` or a trailing separator. Links are not followed. */
const absoluteFolder = (folder: string, { home, base, platform = "linux" }: TeamFileContext): string => {
  const separator = platform === "win32" ? /^~(?:[\\/]|$)/ : /^~(?:\/|$)/;
  if (separator.test(folder)) return keyOf(`${home}/${folder.slice(1)}`, platform);
  return keyOf(isAbsolute(folder, platform) ? folder : `${base}/${folder}`, platform);
};

/** The tree, the nodes by their path, and the problems found so far. */
type Reading = YamlTree & { readonly nodes: Map<string, TreeNode>; readonly found: TeamProblem[] };

const checked = (tree: YamlTree) => {
  const reading: Reading = { ...tree, nodes: new Map(), found: [...tree.problems] };
  const plain = tree.root === null ? {} : plainOf(reading, tree.root, [], "team");
  const parsed = teamSchema.safeParse(plain);
  for (const { path } of parsed.error?.issues ?? []) reading.found.push(...problemsAt(reading, path));
  reading.found.push(...duplicateNames(namesIn(reading)), ...commandPrompts(promptsIn(reading)));
  reading.found.push(...badBranches(reading));
  return { problems: reading.found, entry: parsed.data ?? null };
};

type Path = readonly PropertyKey[];

const idOf = (path: Path): string => JSON.stringify(path.map(String));

/**
 * The value of a node. A key without a value counts as missing; of two equal keys the first counts. `place` is null for
 * a mapping whose keys are unknown to us.
 */
const plainOf = (reading: Reading, node: TreeNode, path: Path, place: Place | null): unknown => {
  reading.nodes.set(idOf(path), node);
  if (node.kind === "scalar") return isHome(node, path.at(-1)) ? node.source : node.value;
  if (node.kind === "alias") return null;
  if (node.kind === "list")
    return node.items.map((item, index) =>
      plainOf(reading, item, [...path, index], path.join() === "members" ? "member" : null),
    );
  const pairs = place === null ? [] : knownPairs(reading, node.pairs, place);
  return Object.fromEntries(
    pairs.map(({ key, value }) => {
      const inner = place === "team" && key === "lead" ? "member" : null;
      return [key, plainOf(reading, value, [...path, key], inner)];
    }),
  );
};

const knownPairs = (
  { found, positionOf }: Reading,
  pairs: readonly TreePair[],
  place: Place,
): readonly TreePair[] => {
  const known = place === "team" ? teamKeys : memberKeys;
  const seen = new Set<string>();
  return pairs.filter(({ key, at, value }) => {
    const isRepeated = seen.has(key);
    seen.add(key);
    if (isRepeated) found.push({ code: "duplicate-key", key, place, ...positionOf(at) });
    else if (!known.includes(key))
      found.push({ code: "unknown-key", key, place, meant: meant(key, known), ...positionOf(at) });
    return !isRepeated && known.includes(key) && !isBlank(value, key);
  });
};

const isBlank = (node: TreeNode, key: string): boolean =>
  node.kind === "scalar" && node.value === null && !isHome(node, key);

/** `folder: ~` is null in YAML, but its author means home. */
const isHome = (node: TreeNode, key: PropertyKey | undefined): boolean =>
  key === "folder" && node.kind === "scalar" && node.source === "~";

/** The nearest known name, ignoring letter case. */
const meant = (text: string, known: readonly string[]): string | null =>
  nearest(known, (name) => edits(text.toLowerCase(), name));

const problemsAt = (reading: Reading, path: Path): readonly TeamProblem[] =>
  reading.nodes.get(idOf(path))?.kind === "alias" ? [] : [problemAt(reading, path)];

/** The problem at a path that the schema refused. */
const problemAt = (reading: Reading, path: Path): TeamProblem => {
  const key = String(path.at(-1) ?? "");
  const place: Place = path.length > 1 ? "member" : "team";
  const node = reading.nodes.get(idOf(path));
  if (node === undefined) {
    const holder = reading.nodes.get(idOf(path.slice(0, -1)));
    return { code: "missing-key", key, place, ...reading.positionOf(holder?.at ?? 0) };
  }
  const position = reading.positionOf(node.at);
  const isMember = key === "lead" || (path.length === 2 && path[0] === "members");
  if (path.length === 0 || isMember)
    return { code: "not-a-mapping", place: isMember ? "member" : "team", ...position };
  if (key === "members" && node.kind !== "list") return { code: "not-a-list", key, ...position };
  const found = shown(node);
  if (key === "provider")
    return { code: "unknown-provider", found, meant: meant(found, providers), ...position };
  return { code: "bad-value", key, expects: expectations[key] ?? "", found, ...position };
};

const maxShown = 40;

/** A value for a message. A long text is not repeated. */
const shown = (node: TreeNode): string => {
  if (node.kind !== "scalar") return `a ${node.kind}`;
  const text = typeof node.value === "string" ? node.value : node.source;
  return text.length > maxShown ? `a text of ${text.length} characters` : text;
};

/** Finds names that cannot be part of a worktree's branch, `gatehouse/TEAM/MEMBER`: git refuses them. */
const badBranches = ({ nodes, found, positionOf }: Reading): readonly TeamProblem[] => {
  const scalarAt = (path: Path): (TreeNode & { kind: "scalar" }) | null => {
    const node = nodes.get(idOf(path));
    return node?.kind === "scalar" ? node : null;
  };
  const places = [...nodes.keys()].map((id) => JSON.parse(id) as readonly string[]);
  const holders = places
    .filter((path) => path.at(-1) === "worktree" && scalarAt(path)?.value === true)
    .map((path) => path.slice(0, -1));
  return (holders.length === 0 ? [] : [[], ...holders]).flatMap((holder) => {
    const node = scalarAt([...holder, "name"]);
    if (node === null || typeof node.value !== "string" || !invalidBranchPart.test(node.value)) return [];
    const position = positionOf(node.at);
    const isRefused = found.some((it) => it.line === position.line && it.column === position.column);
    const problem = { code: "bad-value", key: "name", expects: branchPart, found: shown(node) } as const;
    return isRefused ? [] : [{ ...problem, ...position }];
  });
};

const invalidBranchPart = /\.\.|\.lock$|\.$/;

const namesIn = ({ nodes, positionOf }: Reading): readonly PlacedName[] =>
  [...nodes].flatMap(([id, node]) => {
    const path = JSON.parse(id) as readonly string[];
    const isName = path.at(-1) === "name" && path.length > 1;
    return isName && node.kind === "scalar" && typeof node.value === "string"
      ? [{ name: node.value, ...positionOf(node.at) }]
      : [];
  });

type PlacedName = Position & { readonly name: string };

/**
 * A problem for each name that an earlier line already has, ignoring letter case: a file system that ignores case could
 * not tell the two members apart.
 */
const duplicateNames = (names: readonly PlacedName[]): readonly TeamProblem[] => {
  const inOrder = [...names].sort((a, b) => a.line - b.line || a.column - b.column);
  const first = new Map<string, number>();
  return inOrder.flatMap(({ name, line, column }): readonly TeamProblem[] => {
    const firstLine = first.get(name.toLowerCase());
    if (firstLine !== undefined) return [{ code: "duplicate-name", name, firstLine, line, column }];
    first.set(name.toLowerCase(), line);
    return [];
  });
};

const promptsIn = ({ nodes, positionOf }: Reading): readonly PlacedPrompt[] =>
  [...nodes].flatMap(([id, node]) => {
    const path = JSON.parse(id) as readonly string[];
    if (path.at(-1) !== "prompt" || node.kind !== "scalar" || typeof node.value !== "string") return [];
    const named = nodes.get(idOf([...path.slice(0, -1), "provider"]));
    const provider = named?.kind === "scalar" ? String(named.value) : "";
    return [{ prompt: node.value, provider, ...positionOf(node.at) }];
  });

type PlacedPrompt = Position & { readonly prompt: string; readonly provider: string };

/** A problem for each prompt that its CLI would run as a command. A running agent would refuse such a prompt. */
const commandPrompts = (prompts: readonly PlacedPrompt[]): readonly TeamProblem[] =>
  prompts.flatMap(({ prompt, provider: named, line, column }): readonly TeamProblem[] => {
    const provider = providers.find((known) => known === named);
    const does = provider === undefined ? null : commandInPrompt(prompt, provider);
    if (provider === undefined || does === null) return [];
    return [{ code: "command-in-prompt", does, provider, line, column }];
  });
