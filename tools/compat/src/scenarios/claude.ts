import { setUpProfile, type Box } from "../box/box.ts";
import type { Expected, ExpectedResult, Scenario, Shown } from "./scenario.ts";

/** The folders were asked about and are trusted now under these keys. No other folder is trusted. */
const trusted = (
  keys: readonly string[],
  { grants = [], afterwards = "composer" }: { grants?: readonly string[]; afterwards?: Shown } = {},
): Expected => ({
  exit: 0,
  results: keys.map((trustKey) => ({ status: "trusted", code: "trusted", trustKey, grants })),
  trusted: [...new Set(keys)],
  afterwards,
});

/** The folder was refused before anything was started. */
const refused = (code: string, trustKey: string | null): Expected => ({
  exit: 1,
  results: [{ status: "blocked", code, trustKey }],
  trusted: [],
  untouched: true,
  afterwards: null,
});

/** The CLI showed a dialog that is left to a person: nothing was answered, and nothing is trusted. */
const asked = (
  code: string,
  trustKey: string,
  { grants = [], afterwards = null }: { grants?: readonly string[]; afterwards?: Shown | null } = {},
): Expected => ({
  exit: 3,
  results: [{ status: "blocked", code, trustKey, grants }],
  trusted: [],
  afterwards,
});

/** Trusted over the control protocol. The CLI is not started afterwards, since it would ask to sign in. */
const controlled = (keys: readonly string[], grants: readonly string[] = []): Expected => ({
  exit: 0,
  results: keys.map((trustKey) => ({ status: "trusted", code: "trusted", trustKey, via: "control", grants })),
  trusted: keys,
  afterwards: null,
});

/** A person has to sign in first. */
const unsigned = (keys: readonly string[]): Expected => ({
  exit: 3,
  results: keys.map((trustKey) => ({ status: "blocked", code: "sign-in-needed", trustKey })),
  trusted: [],
  afterwards: null,
});

const already = (code: string, trustKey: string): ExpectedResult => ({
  status: "already-trusted",
  code,
  trustKey,
});

/** A command that writes a file. Commands of the project may run only when a person is present. */
const marks = (box: Box) => ({ command: "touch", args: [box.path("ran")] });
const hooks = (box: Box) => ({
  hooks: { SessionStart: [{ hooks: [{ type: "command", command: `touch '${box.path("ran")}'` }] }] },
});
const permissions = { permissions: { allow: ["Bash(ls:*)", "Read"] } };
const allowed = ["permission Bash(ls:*)", "permission Read"];
const loudGrants = [
  ...["hook InstructionsLoaded", "hook SessionStart", "hook SessionEnd"],
  ...["mcp-server *", "mcp-server demo"],
];

/** One plain folder of this name. */
const plain = (name: string, folder: string, why: string): Scenario => ({
  name,
  why,
  arrange: (box) => void box.folder(folder),
  folders: [folder],
  expect: [{ is: trusted([folder]) }],
});

/** One plain folder of a strange name. */
const strange = (name: string, folder: string, why: string): Scenario => ({
  ...plain(name, folder, why),
  isAboutFolder: true,
});

/** Git refuses to clone a submodule from a folder (since 2.38.1), unless these arguments allow it. */
const localFiles = ["-c", "protocol.file.allow=always"];

/** A folder whose pointers name the folder above as their repository; `padding` follows the first. */
const craftWorktrees = (box: Box, folder: string, padding: string): void => {
  box.write(`${folder}/.git`, `gitdir: x\n${padding}`);
  box.write(`${folder}/x/commondir`, "../..\n");
  box.write(`${folder}/x/gitdir`, `${box.path(folder)}/.git\n`);
};

const repositories = ["w/one", "w/two"];
const eight = ["w/1", "w/2", "w/3", "w/4", "w/5", "w/6", "w/7", "w/8"];

export const scenarios: readonly Scenario[] = [
  // The longest run first, so that none of them is left at the end.
  {
    name: "eight-at-once",
    why: "Eight programs write one state file, and none loses another's entry.",
    arrange: (box) => eight.forEach(box.folder),
    folders: eight,
    // `plain` tests the CLI with such an entry; eight more starts would take longer than any other scenario.
    expect: [{ is: { ...trusted(eight), afterwards: null } }],
  },
  {
    name: "stale-cli-lock",
    why: "A killed CLI left its lock behind. Newer versions wait and break it, older ones write beside it (both sides seen: 2.1.258 and 2.1.259).",
    arrange: (box) => {
      box.folder("w/plain");
      box.folder(".claude.json.lock");
    },
    folders: ["w/plain"],
    expect: [
      { upTo: "2.1.258", is: { ...trusted(["w/plain"]), lockStays: true } },
      { is: trusted(["w/plain"]) },
    ],
    // Over the control protocol, newer versions too write beside a lock that is less than ten seconds old.
    rungs: { byControl: [{ is: { ...trusted(["w/plain"]), lockStays: true } }] },
  },
  plain("plain", "w/plain", "The simplest case: the key is the folder."),
  {
    name: "git-root",
    isAboutFolder: true,
    why: "A repository's own root is its key.",
    startAfterControl: true,
    arrange: (box) => box.repository("w/repo"),
    folders: ["w/repo"],
    expect: [{ is: trusted(["w/repo"]) }],
  },
  {
    name: "git-sub-folder",
    isAboutFolder: true,
    why: "Below a repository's root, the root is the key: more is trusted than was named.",
    arrange: (box) => {
      box.repository("w/repo");
      box.folder("w/repo/a/b");
    },
    folders: ["w/repo/a/b"],
    expect: [{ is: trusted(["w/repo"]) }],
  },
  {
    name: "worktree",
    isAboutFolder: true,
    why: "A linked worktree has its main checkout's key.",
    arrange: (box) => box.worktree("w/main", "w/tree"),
    folders: ["w/tree"],
    expect: [{ is: trusted(["w/main"]) }],
  },
  {
    name: "symlink",
    isAboutFolder: true,
    why: "The key is the real path; trust for the link's own path would never count.",
    arrange: (box) => {
      box.folder("w/real");
      box.link("w/link", "w/real");
    },
    folders: ["w/link"],
    expect: [{ is: trusted(["w/real"]) }],
  },
  strange("spaces", "w/a folder  with spaces", "Nothing splits a path at its spaces."),
  strange("dots", "w/v1.2.3/.hidden/a..b", "A dot is no separator of keys and no reason to hide."),
  // No backslash: Claude Code 2.1.113 - 2.1.247 cannot start in such a folder at all.
  strange("quotes", `w/it's "quoted" and $HOME`, "Nothing is read by a shell or unescaped twice."),
  strange("non-ascii", "w/Grüße-日本語-🚪", "Keys are text, not bytes."),
  {
    name: "mcp",
    why: "A server that the project brings is reported, and neither asked about nor started.",
    startAfterControl: true,
    arrange: (box) => box.write("w/mcp/.mcp.json", { mcpServers: { demo: marks(box) } }),
    folders: ["w/mcp"],
    expect: [{ is: trusted(["w/mcp"], { grants: ["mcp-server demo"], afterwards: "mcp" }) }],
  },
  {
    name: "hooks",
    why: "A hook that the project brings is reported, and not run.",
    arrange: (box) => box.write("w/hooks/.claude/settings.json", hooks(box)),
    folders: ["w/hooks"],
    expect: [{ is: trusted(["w/hooks"], { grants: ["hook SessionStart"] }) }],
  },
  {
    name: "imports",
    why: "A CLAUDE.md that reads a file from elsewhere is not asked about.",
    arrange: (box) => {
      box.write("w/shared.md", "# Shared\n");
      box.write("w/imports/CLAUDE.md", "@../shared.md\n");
    },
    folders: ["w/imports"],
    expect: [{ is: trusted(["w/imports"], { afterwards: "imports" }) }],
  },
  {
    name: "permissions",
    why: "Newer versions ask about what the project pre-approves (both sides seen: 2.1.191 and 2.1.193), and that needs a separate consent.",
    startAfterControl: true,
    arrange: (box) => box.write("w/gated/.claude/settings.json", permissions),
    folders: ["w/gated"],
    expect: [
      { upTo: "2.1.191", is: trusted(["w/gated"], { grants: allowed }) },
      { is: asked("consent-needed", "w/gated", { grants: allowed, afterwards: "trust" }) },
    ],
    // The control protocol names no grants; they are in the result, and --refuse-grants refuses the folder.
    rungs: { byControl: [{ is: trusted(["w/gated"], { grants: allowed }) }] },
  },
  {
    name: "permissions-accepted",
    why: "With that consent the folder is trusted, and the CLI does not ask again.",
    arrange: (box) => box.write("w/gated/.claude/settings.json", permissions),
    folders: ["w/gated"],
    consents: ["granted-permissions=accept"],
    expect: [{ is: trusted(["w/gated"], { grants: allowed }) }],
  },
  {
    name: "permissions-worktree",
    why: "A worktree of a repository that pre-approves permissions needs the main checkout's key.",
    startAfterControl: true,
    arrange: (box) => {
      box.write("w/main/.claude/settings.json", permissions);
      box.worktree("w/main", "w/tree");
    },
    folders: ["w/tree"],
    consents: ["granted-permissions=accept"],
    expect: [{ is: trusted(["w/main"], { grants: [...allowed, ...allowed] }) }],
  },
  {
    name: "api-key",
    why: "A key in the environment causes a separate question, which preflight leaves open.",
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    env: () => ({ ANTHROPIC_API_KEY: "sk-ant-api03-GhLmNpQrStVwXz0123456789dFbHjKlMnPqRsTvWx98765432" }),
    expect: [{ is: trusted(["w/plain"], { afterwards: "api-key" }) }],
  },
  {
    name: "nested-repository",
    why: "A trusted folder covers a repository below it only in older versions (both sides seen: 2.1.231 and 2.1.232).",
    arrange: (box) => {
      box.write(".claude.json", setUpProfile([box.folder("w/parent")]));
      box.repository("w/parent/repo");
    },
    folders: ["w/parent/repo"],
    expect: [
      {
        upTo: "2.1.231",
        is: {
          exit: 0,
          results: [already("covered-by-parent", "w/parent")],
          trusted: ["w/parent"],
          untouched: true,
          afterwards: "composer",
        },
      },
      { is: { ...trusted(["w/parent/repo"]), trusted: ["w/parent", "w/parent/repo"] } },
    ],
  },
  {
    name: "home",
    why: "The CLI asks for HOME and never records it.",
    arrange: () => undefined,
    folders: [""],
    expect: [{ is: refused("home-not-persistable", "") }],
  },
  {
    name: "dotfiles",
    why: "HOME is a repository: every plain folder in it would have HOME as its key.",
    arrange: (box) => {
      box.repository("");
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    expect: [{ is: refused("home-not-persistable", "") }],
  },
  {
    name: "bare-layout",
    isAboutFolder: true,
    why: "A worktree of the bare repository beside it has that repository for its key.",
    arrange: (box) => {
      box.repository("w/from");
      box.git("w", "clone", "--quiet", "--bare", "from", "p/.bare");
      box.write("w/p/.git", "gitdir: ./.bare\n");
      box.git("w/p", "worktree", "add", "--quiet", box.path("w/p/tree"));
    },
    folders: ["w/p/tree"],
    expect: [{ is: trusted(["w/p/.bare"]) }],
  },
  {
    name: "submodule",
    isAboutFolder: true,
    why: "A submodule is a separate repository, also for a folder below its root.",
    arrange: (box) => {
      box.repository("w/library");
      box.repository("w/repo");
      box.git("w/repo", ...localFiles, "submodule", "--quiet", "add", box.path("w/library"), "sub");
      box.folder("w/repo/sub/a");
    },
    folders: ["w/repo/sub/a"],
    expect: [{ is: trusted(["w/repo/sub"]) }],
  },
  {
    name: "crafted-pointers",
    why: "A crafted .git with a foreign commondir would make HOME trusted, with everything in it.",
    arrange: (box) => craftWorktrees(box, "worktrees", ""),
    folders: ["worktrees"],
    expect: [{ is: refused("home-not-persistable", "") }],
  },
  {
    name: "crafted-pointers-padded",
    why: "The same with a file that is too long to be read: a file that was not read whole is refused.",
    arrange: (box) => craftWorktrees(box, "worktrees", "\n".repeat(1_048_576)),
    folders: ["worktrees"],
    expect: [{ is: refused("key-outside-folder", "worktrees") }],
  },
  {
    name: "crafted-pointers-above",
    why: "One folder deeper, the folder of all downloads would be trusted.",
    arrange: (box) => craftWorktrees(box, "w/dl/worktrees", ""),
    folders: ["w/dl/worktrees"],
    expect: [{ is: refused("key-outside-folder", "w/dl") }],
  },
  {
    name: "crafted-repository-above",
    why: "An empty .git beside an unpacked folder would make all folders beside it trusted.",
    arrange: (box) => {
      box.folder("w/dl/.git");
      box.folder("w/dl/project");
    },
    folders: ["w/dl/project"],
    expect: [{ is: refused("key-outside-folder", "w/dl") }],
  },
  {
    name: "crafted-bare-repository-above",
    why: "The parts of a bare repository would have the same effect.",
    arrange: (box) => {
      box.write("w/dl/HEAD", "ref: refs/heads/main\n");
      box.folder("w/dl/objects");
      box.folder("w/dl/refs");
      craftWorktrees(box, "w/dl/worktrees", "");
    },
    folders: ["w/dl/worktrees"],
    expect: [{ is: refused("key-outside-folder", "w/dl") }],
  },
  {
    name: "fresh-home",
    why: "A person has to sign in first. No dialog before that is answered.",
    fresh: true,
    rungs: { dialogOnly: "Nobody has to sign in there: control-fresh." },
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    expect: [{ is: asked("sign-in-needed", "w/plain") }],
  },
  {
    name: "control-fresh",
    why: "Over its control protocol the CLI records trust without a sign-in; a version without the protocol shows its dialogs.",
    fresh: true,
    rungs: { once: "auto" },
    arrange: (box) => repositories.forEach(box.repository),
    folders: repositories,
    expect: [{ upTo: "2.1.199", is: unsigned(repositories) }, { is: controlled(repositories) }],
  },
  {
    name: "control-alone",
    why: "With --via control the dialog is not answered: a version without the protocol is reported.",
    rungs: { once: "control" },
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    expect: [
      {
        upTo: "2.1.199",
        is: {
          exit: 1,
          results: [{ status: "failed", code: "control-unavailable", trustKey: "w/plain" }],
          trusted: [],
          afterwards: "trust",
        },
      },
      { is: controlled(["w/plain"]) },
    ],
  },
  {
    name: "control-grants",
    why: "If trust is accepted without the protected arguments, 2.1.328 runs the project's hooks and servers at once; with them it runs none.",
    fresh: true,
    rungs: { once: "auto" },
    arrange: (box) => {
      const hook = [{ hooks: [{ type: "command", command: `touch '${box.path("ran")}'` }] }];
      box.write("w/loud/.claude/settings.json", {
        hooks: { InstructionsLoaded: hook, SessionStart: hook, SessionEnd: hook },
        enableAllProjectMcpServers: true,
      });
      box.write("w/loud/.mcp.json", { mcpServers: { demo: marks(box) } });
      box.write("w/loud/CLAUDE.md", "# Loud\n");
    },
    folders: ["w/loud"],
    expect: [{ upTo: "2.1.199", is: unsigned(["w/loud"]) }, { is: controlled(["w/loud"], loudGrants) }],
  },
  {
    name: "config-folder",
    isAboutFolder: true,
    why: "CLAUDE_CONFIG_DIR moves the CLI's state; the one in HOME is not touched.",
    arrange: (box) => {
      box.write("config/.claude.json", setUpProfile());
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    env: (box) => ({ CLAUDE_CONFIG_DIR: box.path("config") }),
    stateFolder: "config",
    expect: [{ is: trusted(["w/plain"]) }],
  },
  {
    name: "second-run",
    isAboutFolder: true,
    why: "For a trusted folder no program is started, and nothing is written.",
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    runs: 2,
    expect: [
      {
        is: {
          exit: 0,
          results: [already("already-trusted", "w/plain")],
          trusted: ["w/plain"],
          untouched: true,
          afterwards: "composer",
        },
      },
    ],
  },
  {
    name: "two-folders-of-one-repository",
    isAboutFolder: true,
    why: "Two folders with one key are asked about once.",
    arrange: (box) => {
      box.repository("w/repo");
      box.folder("w/repo/a");
      box.folder("w/repo/b");
    },
    folders: ["w/repo/a", "w/repo/b"],
    expect: [{ is: trusted(["w/repo", "w/repo"]) }],
  },
];
