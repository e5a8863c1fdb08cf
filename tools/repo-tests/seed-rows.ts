/**
 * The rows of the workspace trust plan's tests (its Test Plan, Gates 0 to 5 and Phase 3), and where each is tested.
 * `seed-rows.test.ts` looks that the tests are there.
 */
export type SeedRow = {
  /** The row of the plan, shortened. */
  readonly row: string;
} & (
  | {
      readonly file: string;
      /** A title, or the name of a row in a table of tests: it is in one text of the file. */
      readonly title: string;
      /** A recording that shows it, in test-fixtures. */
      readonly recording?: string;
      /** Why it is done in another way than the plan says. */
      readonly because?: string;
    }
  | { readonly elsewhere: string }
);

export type SeedSection = {
  readonly section: string;
  /** How many rows the plan has there. */
  readonly count: number;
  readonly rows: readonly SeedRow[];
};

const engine = "packages/dialog-engine/src";
const codex = "packages/codex-overrides/src";
const probe = "packages/claude-state-probe/src";
const preflight = "packages/preflight/src";
const launch = "packages/team-launch/src";
const adapter = "apps/orchestrator-adapter/src";
const program = "internal/launch-commands/src";
const compat = "tools/compat/src";

const at =
  (folder: string) =>
  (
    row: string,
    name: string,
    title: string,
    more: { recording?: string; because?: string } = {},
  ): SeedRow => ({
    row,
    file: `${folder}/${name}`,
    title,
    ...more,
  });

const [dialog, override, state, pre, team, held, agent, real] = [
  engine,
  codex,
  probe,
  preflight,
  launch,
  program,
  adapter,
  compat,
].map(at) as [At, At, At, At, At, At, At, At];
type At = ReturnType<typeof at>;

const elsewhere = (row: string, reason: string): SeedRow => ({ row, elsewhere: reason });

const teams = "teams/teams.ts";
const shows = "teams/shows.ts";
const replays = "$file replays to its ending, key for key";
const noHostService = "There is no desktop service here: the host's parts get their ports as arguments.";
const codexOnly =
  "The issue changes it: our gate asks the provider that is launched, so a team of Codex needs no trust of Claude Code.";
const oneTable =
  "The settings hold a dotted value for each folder. Codex itself gets one table, which repeats what config.toml says: see the README of codex-overrides.";

const dialogRows: readonly SeedRow[] = [
  dialog(
    "Claude's trust is known with its blanks collapsed",
    "wording/dialog-text.test.ts",
    "is read the same at every width",
  ),
  dialog("Codex's trust is known", "packs/recordings.test.ts", replays, {
    recording: "codex/codex-0.169.0-trust-git.cast",
  }),
  dialog("Codex's update is skipped, then its trust accepted", "packs/recordings.test.ts", replays, {
    recording: "codex/codex-0.169.0-update.cast",
  }),
  dialog("no Enter on Codex's picker of accounts", "packs/recordings.test.ts", replays, {
    recording: "codex/codex-0.169.0-sign-in.cast",
  }),
  real("Claude's bypass is accepted behind trust", teams, "launch-bypass", {
    because: "Only with a consent of its own: a person's word for trust is none for this.",
  }),
  dialog("Claude's custom API key is accepted behind trust", "packs/recordings.test.ts", replays, {
    recording: "claude/claude-2.1.328-api-key-use.cast",
  }),
  dialog(
    "it stops when trust is on disk, before the dialog behind it",
    "drive/drive-dialogs.test.ts",
    "ends with the proof, whatever stands on the screen",
  ),
  pre(
    "the protected command is the one for trust",
    "node/batch.test.ts",
    "the CLI is started protected, in a clean environment, and without what it would do on its own",
  ),
  pre(
    "neither -p nor doctor",
    "node/dialog/empty-mcp-file.test.ts",
    "the command for trust is protected: neither -p nor doctor",
  ),
  pre(
    "the empty MCP configuration has its valid shape",
    "node/dialog/empty-mcp-file.test.ts",
    "the MCP configuration names no server",
  ),
  pre(
    "its temporary file is removed, on success and on failure",
    "node/dialog/empty-mcp-file.test.ts",
    "its file is this account's alone, and gone when what uses it %s",
  ),
  dialog(
    "a screen that looks like a prompt is waited behind",
    "drive/drive-dialogs.test.ts",
    "a dialog that comes after a ready-looking composer is answered",
  ),
  dialog("screens that say nothing time out", "drive/drive-dialogs.test.ts", "the whole run has a limit too"),
  dialog(
    "a cancellation comes before the key",
    "drive/drive-dialogs.test.ts",
    "no key after an abort at %i ms",
  ),
];

const codexRows: readonly SeedRow[] = [
  override("a plain absolute path", "config-override.test.ts", "a plain path"),
  team("/var and /private/var", "workspaces/collect-workspaces.test.ts", "macOS /var and /private/var"),
  override("a path with spaces", "config-override.test.ts", "dots and spaces"),
  override("a path with quotes", "config-override.test.ts", "quotes"),
  override("a Windows drive", "folder-rules.test.ts", "on a drive"),
  override(
    "the case of a Windows drive",
    "config-override.test.ts",
    "a Windows folder once, however it is spelled",
  ),
  override("a UNC path", "folder-rules.test.ts", "on a share"),
  override("a trailing slash", "config-override.test.ts", "a trailing slash"),
  override("the same path twice", "config-override.test.ts", "each folder once"),
  override("one dotted override for each path", "trust-settings.test.ts", "the seed's shape"),
  override(
    "no single projects={...} table",
    "projects-override.test.ts",
    "a TOML parser reads every entry of config.toml as it was, beside exactly these folders",
    { because: oneTable },
  ),
  override(
    "merged into the settings of a forced login",
    "trust-settings.test.ts",
    "keeps forced logins and every key it does not know, on every level",
  ),
  override(
    "no -c in Claude's argv",
    "apply-patches.test.ts",
    "by type: what holds one is not taken, and what is taken holds none",
  ),
  override(
    "a patch has owner, dialect, surface and key",
    "apply-patches.test.ts",
    "what it is, for whom, and why",
  ),
  override(
    "the same override twice is once",
    "apply-patches.test.ts",
    "is the same after early, full and repeated patches as after the full one",
  ),
  team(
    "a lead of Claude Code alone gets nothing of Codex",
    "arguments/patch-arguments.test.ts",
    "an Anthropic-only team gets nothing",
  ),
  override(
    "an unknown surface is codex_trust_settings_surface_unknown",
    "apply-patches.test.ts",
    "that a patch names and nobody knows is said, and nothing is added",
  ),
  team(
    "the probes get the merged settings in their order",
    "node/launch-rules.test.ts",
    "carry trust before its default model and its facts are asked for",
  ),
  agent(
    "the inherited flags keep our settings for a member of Codex",
    "settings/codex-launch-args.test.ts",
    "starts a Codex teammate with the settings that it inherits from its Claude lead",
  ),
  override(
    "the reader of config_overrides checks and bounds them",
    "config-override.test.ts",
    "looks at no more values than the limit, and says so once",
  ),
];

const probeRows: readonly SeedRow[] = [
  state("reads .claude.json in HOME", "node/probe-trust.test.ts", "reads .claude.json in the home folder"),
  state(
    "reads it in CLAUDE_CONFIG_DIR",
    "node/probe-trust.test.ts",
    "reads the folder that CLAUDE_CONFIG_DIR names, and only that",
  ),
  state("trusts the very path", "judge-trust.test.ts", "plain folder, its own key"),
  state("trusts below a trusted path", "judge-trust.test.ts", "plain folder, a key above"),
  state(
    "trusts a sub-folder by its repository's root",
    "judge-trust.test.ts",
    "sub-folder, the repository's key",
  ),
  state("spells keys as the runtime does", "keys.test.ts", "spells $what as $key"),
  state(
    "knows home, which does not persist",
    "node/probe-trust.test.ts",
    "that is home says so, with and without a state file",
  ),
  state("a missing state is no error", "node/read-trusted-keys.test.ts", "no file"),
  state(
    "a half-written state is read again",
    "node/probe-trust.test.ts",
    "a half-written file is looked at again until it is whole",
  ),
  state(
    "no key of somebody's in a diagnostic",
    "node/probe-trust.test.ts",
    "$what: unknown, and nothing of it is shown",
  ),
];

const coordinatorRows: readonly SeedRow[] = [
  team(
    "a workspace is there once",
    "node/launch-rules.test.ts",
    "are exactly those of all members, side lanes too, and two spellings of one are one",
  ),
  team(
    "Claude's strategy for a team of Codex alone",
    "node/launch-rules.test.ts",
    "are asked for by Codex alone in a team of Codex, which gets them with its settings",
    { because: codexOnly },
  ),
  pre(
    "Codex's patch only where Codex is there",
    "node/plan-args-only.test.ts",
    "is empty where no pair is Codex, and takes the Codex pairs alone",
  ),
  pre(
    "preflights of one workspace come one after the other",
    "node/turns/turns.test.ts",
    "come in the order in which they were asked for, one at a time",
  ),
  pre(
    "trust is looked at again after the wait",
    "node/batch.test.ts",
    "is confirmed once; the second run waits and says so",
  ),
  team("a lock that timed out is a soft failure", "outcome.test.ts", "a lock that timed out"),
  pre(
    "cancelled while it waits for the lock",
    "node/interrupt.test.ts",
    "aborted when it says $step: no key afterwards, nothing left",
  ),
  team(
    "a retry for workspace_trust_required only",
    "node/launch-retry.test.ts",
    "follows a want of trust $name",
  ),
  elsewhere("setWorkspaceTrustCoordinator", noHostService),
  dialog(
    "an end kills our terminals, and no other process",
    "node/guard.test.ts",
    "ends the groups that it watches over when its program is killed, and no other",
  ),
  pre("a plan does not throw for want of a PTY or a CLI", "node/plan-trouble.test.ts", "no CLI at all"),
  team(
    "flags: the spellings of on and off",
    "flags.test.ts",
    "is $value when its variable is $text, and no other flag changes",
  ),
  team(
    "flags: a malformed one is its default, and said",
    "flags.test.ts",
    "is its default when its variable is %j, with one diagnostic",
  ),
  pre(
    "planArgsOnly and planFull never throw",
    "node/plan-trouble.test.ts",
    "a plan is made, and nothing throws, with",
  ),
  team(
    "diagnostics are bounded before they are kept",
    "artifact/workspace-trust-preflight.test.ts",
    "has 20 results, a failure before a success, and counts what it left out",
  ),
  team(
    "a team of OpenCode alone never calls the coordinator",
    "node/launch-rules.test.ts",
    "a team of OpenCode alone",
  ),
  team(
    "the workspace of an OpenCode side lane is there",
    "workspaces/collect-workspaces.test.ts",
    "the folder of an OpenCode side lane beside a Claude lead",
  ),
  at("tools/repo-tests")(
    "nothing is imported but the public facade",
    "boundaries.test.ts",
    "a path that leaves the package, even along a listed edge",
  ),
  dialog(
    "a fake terminal drives it without node-pty",
    "drive/drive-dialogs.test.ts",
    "answers trust with one arrow and one Enter, and ends when the composer stands",
  ),
  real("a missing node-pty is said, and nothing thrown", teams, "launch-without-pty"),
  elsewhere("no renderer, no BrowserWindow", "There is no window here: the programs are for a terminal."),
];

const createRows: readonly SeedRow[] = [
  elsewhere("the constructor's signature stays", noHostService),
  team(
    "a create and a launch have the workspaces of lead and members",
    "node/launch-blocked.test.ts",
    "a new team and a known one have the same folders asked about, in the same stages",
  ),
  team(
    "those of all effective members, side lanes and worktrees too",
    "node/launch-rules.test.ts",
    "are exactly those of all members, side lanes too, and two spellings of one are one",
  ),
  team(
    "create and launch share one path",
    "node/launch-lifecycle.test.ts",
    "is one path of all steps, for a new team and for a known one",
  ),
  team(
    "the early plan is behind the environment and before the members",
    "node/launch-lifecycle.test.ts",
    "is one path of all steps, for a new team and for a known one",
  ),
  team(
    "default models are asked for with Codex's patch",
    "arguments/patch-arguments.test.ts",
    "Codex's default model",
  ),
  team(
    "the identity is checked with Codex's patch",
    "node/launch-rules.test.ts",
    "carry trust before its default model and its facts are asked for",
  ),
  team(
    "a member under another lead inherits it",
    "arguments/patch-arguments.test.ts",
    "an Anthropic lead with a Codex member passes it on, and keeps its own arguments",
  ),
  elsewhere(
    "progress.launchDiagnostics is unchanged",
    "Progress has no such field: warnings are in the journal and the artifact.",
  ),
  team(
    "progress can be cancelled before the terminal is waited for",
    "node/launch-lifecycle.test.ts",
    "says that it prepares trust, in a state that can be cancelled, before it waits for anything",
  ),
  team(
    "the artifact has a bounded workspaceTrustPreflight",
    "node/launch-lifecycle.test.ts",
    "keeps one artifact with the preflight's facts, redacted, written before its end is noted",
  ),
  team(
    "what is too much is dropped before it is written",
    "artifact/workspace-trust-preflight.test.ts",
    "has 5 texts of 600 characters",
  ),
  team(
    "no value of the environment, no raw screen",
    "node/launch-blocked.test.ts",
    "keeps no value of the environment: not in its journal, its artifact or anything else",
  ),
  team(
    "diagnostics are there before the cleanup",
    "node/launch-lifecycle.test.ts",
    "keeps one artifact with the preflight's facts, redacted, written before its end is noted",
  ),
  pre(
    "cancelled before it executes: nothing starts",
    "node/interrupt.test.ts",
    "aborted before it begins: no CLI is started",
  ),
  team(
    "cancelled while it executes: nothing is cleared",
    "node/launch-lifecycle.test.ts",
    "at $step neither clears nor spawns, and restores once (known team: $isKnown)",
  ),
  team(
    "a stop while it executes restores once, with one artifact",
    "node/launch-lifecycle.test.ts",
    "at $step neither clears nor spawns, and restores once (known team: $isKnown)",
  ),
  team(
    "a blocked launch restores what was there",
    "node/launch-lifecycle.test.ts",
    "spawns nothing, and leaves all as it was (known team: $isKnown)",
  ),
  team(
    "a blocked create restores nothing",
    "node/launch-lifecycle.test.ts",
    "spawns nothing, and leaves all as it was (known team: $isKnown)",
  ),
  team(
    "a blocked create removes nothing of others",
    "node/launch-blocked.test.ts",
    "of a new team leaves what another team has, its worktree too",
  ),
  team(
    "a blocked one is untracked, its failed progress stays",
    "node/launch-blocked.test.ts",
    "tells its failure last, with every member, once what it had made was taken back",
  ),
  team(
    "its artifact has the preflight's diagnostics",
    "node/launch-lifecycle.test.ts",
    "keeps one artifact with the preflight's facts, redacted, written before its end is noted",
  ),
  team(
    "a soft failure goes on",
    "node/launch-lifecycle.test.ts",
    "goes on when a CLI is missing: what it could not do is a warning, and the runtime's own gate decides",
  ),
  pre("not with CLAUDE_ENABLE_DETERMINISTIC_TEAM_BOOTSTRAP", "environment.test.ts", "takes out $name: $why"),
  pre("not with the app's helper variables", "environment.test.ts", "takes out $name: $why"),
  pre("CLAUDE_CONFIG_DIR stays where it is set", "environment.test.ts", "CLAUDE_CONFIG_DIR"),
  elsewhere(
    "terminals are not in transientProbeProcesses",
    "There is no such list: a guard ends preflight's processes (guard.test.ts), and records those of agents.",
  ),
  team(
    "blocked before clear: the snapshot before it stays",
    "node/launch-lifecycle.test.ts",
    "spawns nothing, and leaves all as it was (known team: $isKnown)",
  ),
  real("blocked before clear: no snapshot is written", shows, "launch-home"),
  team(
    "a failed snapshot only once the state was cleared",
    "node/launch-lifecycle.test.ts",
    "takes everything back if no agent could be started, and keeps it if one was",
  ),
  team("a direct restart does not call it", "node/launch-rules.test.ts", "a direct restart"),
];

const manualRows: readonly SeedRow[] = [
  real("Claude Code in a fresh folder", teams, "launch-claude"),
  pre(
    "Claude Code with an isolated configuration that is set up",
    "node/real-claude.test.ts",
    "trusts eight folders at once by %s, and leaves nothing",
  ),
  real("Claude Code with an isolated configuration that is empty", teams, "launch-sign-in"),
  real("--dangerously-skip-permissions after preflight", teams, "launch-bypass"),
  real("a dummy ANTHROPIC_API_KEY in the shell", shows, "launch-api-key"),
  real("two teams launch one fresh folder at once", teams, "launch-two-at-once"),
  real("Codex's terminal in a new folder", "scenarios/codex.ts", "plain"),
  real("Codex with trust for one launch", teams, "launch-codex"),
  real("Codex's picker of accounts in an isolated CODEX_HOME", shows, "launch-codex-home"),
  override(
    "Codex and paths with spaces and quotes",
    "projects-override.test.ts",
    "quotes, backslashes and brackets",
  ),
];

const gate0Rows: readonly SeedRow[] = [
  team(
    "the text of #100 is workspace_trust_required",
    "failure/recognise-failure.test.ts",
    "the seed's #100: a teammate, its workspace, the advice",
  ),
  team(
    "the text of #104 is, too",
    "failure/recognise-failure.test.ts",
    "the seed's #104: several teammates in a bootstrap's failure",
  ),
  team(
    "all flags off: arguments and progress as before",
    "node/launch-baseline.test.ts",
    "what a launch starts, asks and tells is the record, byte for byte: $name",
  ),
];

const gate1Rows: readonly SeedRow[] = [
  team(
    "paths: spaces, quotes, brackets, backslashes, drive, UNC, symlink, a repository's sub-folder",
    "workspaces/collect-workspaces.test.ts",
    "a folder with spaces, quotes, brackets and a backslash",
  ),
  team(
    "the same folder by path, real path and root is one",
    "workspaces/collect-workspaces.test.ts",
    "a folder and a link to it once, as it was first named",
  ),
  override(
    "settings are merged with a forced login",
    "trust-settings.test.ts",
    "keeps forced logins and every key it does not know, on every level",
  ),
  override(
    "the same patch twice is one payload",
    "apply-patches.test.ts",
    "is the same after early, full and repeated patches as after the full one",
  ),
  team(
    "a team without Codex has no settings of Codex",
    "arguments/patch-arguments.test.ts",
    "an Anthropic-only team gets nothing",
  ),
  team(
    "a malformed surface is a diagnostic, not thrown",
    "arguments/patch-arguments.test.ts",
    "an unknown surface",
  ),
];

const gate2Rows: readonly SeedRow[] = [
  agent(
    "valid settings become Codex's overrides",
    "settings/codex-launch-args.test.ts",
    "makes all folders of the settings one argument, behind the caller's own",
  ),
  agent(
    "a line break, NUL, another key, no text, too many: ignored",
    "settings/codex-launch-args.test.ts",
    "drops $what, says so, and keeps what stands beside it",
  ),
  override(
    "the caller's own overrides stay",
    "apply-patches.test.ts",
    "keep what is there and get one table behind it",
  ),
  team(
    "forced logins stay",
    "arguments/patch-arguments.test.ts",
    "forced logins stay beside it, in the same settings",
  ),
  agent(
    "a member of Codex inherits them from a lead of Claude Code",
    "settings/codex-launch-args.test.ts",
    "starts a Codex teammate with the settings that it inherits from its Claude lead",
  ),
  team(
    "no -c of Codex in Claude's argv",
    "arguments/patch-arguments.test.ts",
    "no argument is ever -c, which means --continue to Claude Code",
  ),
];

const gate3Rows: readonly SeedRow[] = [
  dialog(
    "an unknown screen gets no key",
    "drive/drive-dialogs.test.ts",
    "a screen that no rule knows gets no key, a name, and its text",
  ),
  dialog(
    "trust gets one Enter",
    "drive/drive-dialogs.test.ts",
    "answers trust with one arrow and one Enter, and ends when the composer stands",
  ),
  dialog(
    "a stale update or trust cannot repeat keys for ever",
    "drive/drive-dialogs.test.ts",
    "a dialog that never goes away gets twelve keys at the most, and the phase ends after 8 s",
  ),
  dialog("accounts and onboarding: no key, and said", "packs/recordings.test.ts", replays, {
    recording: "claude/claude-2.1.328-fresh-protected.cast",
  }),
  pre("a missing PTY is a diagnostic", "node/trouble.test.ts", "is told, and nothing is left"),
  pre(
    "a cancellation kills the terminal",
    "node/interrupt.test.ts",
    "$signal: cancelled, exit $code, nothing left",
  ),
  pre(
    "the temporary MCP file goes, whatever the end",
    "node/interrupt.test.ts",
    "by %s: its open folders are timeout, nothing is left",
  ),
  team(
    "a raw screen only in debug, of a failure, redacted",
    "node/launch-flags.test.ts",
    "DEBUG $debug: whether the artifact keeps the screen of a preflight that failed",
  ),
  pre(
    "smoke: a fresh folder is trusted by the real Claude Code",
    "node/real-claude.test.ts",
    "trusts eight folders at once by %s, and leaves nothing",
  ),
  real("smoke: the second run does nothing", "scenarios/claude.ts", "second-run"),
  real("smoke: a sub-folder is known by its repository's root", "scenarios/claude.ts", "git-sub-folder"),
  real("smoke: the home folder is said not to persist", shows, "launch-home"),
];

const gate4Rows: readonly SeedRow[] = [
  team(
    "a create takes the one path",
    "node/launch-lifecycle.test.ts",
    "is one path of all steps, for a new team and for a known one",
  ),
  team(
    "a launch takes the same",
    "node/launch-blocked.test.ts",
    "a new team and a known one have the same folders asked about, in the same stages",
  ),
  team(
    "OpenCode alone does not call the coordinator",
    "node/launch-lifecycle.test.ts",
    "nothing for a team of OpenCode alone",
  ),
  team("a direct restart does not", "workspaces/trust-scope.test.ts", "a direct restart of one member"),
  team(
    "a blocked create removes nothing of others",
    "node/launch-blocked.test.ts",
    "of a new team leaves what another team has, its worktree too",
  ),
  team(
    "a blocked launch restores the team before it",
    "node/launch-lifecycle.test.ts",
    "spawns nothing, and leaves all as it was (known team: $isKnown)",
  ),
  team(
    "a blocked launch writes no failed snapshot",
    "node/launch-lifecycle.test.ts",
    "spawns nothing, and leaves all as it was (known team: $isKnown)",
  ),
  team(
    "cancelled in preflight: no clear, no spawn",
    "node/launch-lifecycle.test.ts",
    "at $step neither clears nor spawns, and restores once (known team: $isKnown)",
  ),
  held(
    "stopped in preflight: restored once, one artifact",
    "launch-stopped.test.ts",
    "and prepares trust, ends it with $name: nothing was started, nothing is left",
  ),
  team(
    "a blocked one's artifact has workspaceTrustPreflight",
    "node/launch-lifecycle.test.ts",
    "keeps one artifact with the preflight's facts, redacted, written before its end is noted",
  ),
];

const gate5Rows: readonly SeedRow[] = [
  real("Claude Code alone, a fresh repository", teams, "launch-claude"),
  real("Codex alone", teams, "launch-codex", { because: codexOnly }),
  real("a lead of Claude Code, a member of Codex", teams, "launch-claude-lead"),
  real("a lead of Codex, a member of Claude Code", teams, "launch-codex-lead"),
  real("a sub-folder of a repository", teams, "A team of Claude Code: a repository, a sub-folder of another"),
  real("a symlinked folder", teams, "a symlinked one, and a worktree of a fourth."),
  real("two launches of one fresh folder at once", "check/check-launches.ts", "two-hosts-one-folder"),
  real("cancelled in preflight", teams, "launch-cancelled"),
  real("a team is stopped", teams, "launch-stop"),
  real("without node-pty", teams, "launch-without-pty"),
  real("an isolated CODEX_HOME with the picker of accounts", shows, "launch-codex-home"),
  real("config.toml before and after", teams, "launch-config-toml"),
  real("pass: no trust error of #100 in fresh folders", "check/check-launches.ts", "launches-at-once"),
  real("pass: no -c of Codex in Claude's argv", "teams/check-team.ts", "was started with"),
  dialog("pass: no key on an unknown prompt", "node/hostile.test.ts", "0 wrong keys on hostile screens"),
  real("pass: no snapshot lost to a blocked preflight", shows, "launch-home"),
  team(
    "pass: nothing unredacted in an artifact",
    "artifact/launch-artifact.test.ts",
    "every text of an artifact is redacted, and the names of its fields stay",
  ),
];

const phase3Rows: readonly SeedRow[] = [
  override("the settings hold dotted values of projects", "trust-settings.test.ts", "the seed's shape"),
  override(
    "a typed patch, with a dialect of its own for each side",
    "apply-patches.test.ts",
    "at run time: a patch in another program's words is refused, whatever its type said",
  ),
  override(
    "the path and its real path",
    "config-override.test.ts",
    "a folder and its real path as two, in the order given",
  ),
  override(
    "quoted paths are valid",
    "config-override.test.ts",
    "what is built is TOML for exactly that folder",
  ),
  agent(
    "config.toml is not written by us",
    "run-launch.test.ts",
    "starts what the dry run prints, and writes nothing in config.toml",
  ),
  override(
    "forced logins stay as they are",
    "trust-settings.test.ts",
    "changes nothing in what it was given",
  ),
  team(
    "a lead of Codex gets the settings",
    "arguments/patch-arguments.test.ts",
    "a Codex lead gets it in the primary arguments",
  ),
  team(
    "a member of Codex under Claude Code inherits them",
    "arguments/patch-arguments.test.ts",
    "an Anthropic lead with a Codex member passes it on, and keeps its own arguments",
  ),
  override(
    "Claude's own arguments get no -c",
    "apply-patches.test.ts",
    "at run time: whatever a settings patch holds, no new argument is -c or anything but settings",
  ),
  team(
    "Codex's arguments have them before the identity is checked",
    "node/launch-rules.test.ts",
    "carry trust before its default model and its facts are asked for",
  ),
  team(
    "Claude's are unchanged without Codex",
    "arguments/patch-arguments.test.ts",
    "an Anthropic-only team gets nothing",
  ),
  team("early and full patches: nothing twice", "arguments/patch-arguments.test.ts", "early, then full"),
  override("the same key of a path is there once", "config-override.test.ts", "each folder once"),
  override("merged deeply with a forced login", "settings-argument.test.ts", "merges with --settings"),
  team(
    "the launch's plan gets patched arguments",
    "node/launch-rules.test.ts",
    "reach Codex only, and not with the flag off: $codexSettings",
  ),
  team(
    "the arguments before it stay as they were",
    "arguments/patch-arguments.test.ts",
    "early, full, and all again for a retry",
  ),
  team(
    "a caller's own arguments cannot take them away",
    "arguments/join-arguments.test.ts",
    "lets no caller win who $what",
  ),
  team(
    "a provider's facts are asked for with them",
    "node/launch-rules.test.ts",
    "carry trust before its default model and its facts are asked for",
  ),
  team(
    "the default model is asked for with them",
    "arguments/patch-arguments.test.ts",
    "Codex's default model",
  ),
  agent(
    "the adapter appends checked values to Codex's overrides",
    "settings/codex-launch-args.test.ts",
    "of no settings does anything reach the arguments that the contract does not allow",
  ),
  real("no launch puts a -c of Codex into Claude's argv", "teams/check-team.ts", "was started with"),
  override(
    "a sentinel sees a change of the configuration, and logs none of it",
    "node/config-sentinel.test.ts",
    "the sentinel keeps no value of the file",
  ),
  override("no single projects={...} table", "projects-override.test.ts", "is repeated as it is", {
    because: oneTable,
  }),
];

export const seedSections: readonly SeedSection[] = [
  { section: "Dialog engine", count: 14, rows: dialogRows },
  { section: "Codex config overrides", count: 20, rows: codexRows },
  { section: "Claude state probe", count: 10, rows: probeRows },
  { section: "Coordinator", count: 21, rows: coordinatorRows },
  { section: "Create/launch integration", count: 31, rows: createRows },
  { section: "Manual compatibility scripts", count: 10, rows: manualRows },
  { section: "Gate 0", count: 3, rows: gate0Rows },
  { section: "Gate 1", count: 6, rows: gate1Rows },
  { section: "Gate 2", count: 6, rows: gate2Rows },
  { section: "Gate 3", count: 12, rows: gate3Rows },
  { section: "Gate 4", count: 10, rows: gate4Rows },
  { section: "Gate 5", count: 17, rows: gate5Rows },
  { section: "Phase 3", count: 23, rows: phase3Rows },
];
