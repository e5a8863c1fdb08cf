import {
  buildOverrides,
  nativeOverridePatch,
  patchClaudeArgs,
  patchConfigOverrides,
  readTrustSettings,
  settingsPatch,
} from "@trust/codex-overrides";

const context = { platform: "linux", homes: ["/home/ada"] } as const;
const targetSurface = "cross_provider_member_args";
const sourceWorkspaceIds = ["team-1/member-2"];

// The host: a Codex teammate under a Claude lead. Claude's argv gets settings, and never a -c.
const { overrides } = buildOverrides(["/home/ada/my app.v2"], context);
const patch = settingsPatch({ targetSurface, overrides, sourceWorkspaceIds });
const settings = '{"codex":{"forced_login_method":"api"}}';
const { args } = patchClaudeArgs(["--settings", settings], targetSurface, [patch], context);
console.log(args[1]);

// The runtime that starts Codex: it checks every value, and adds one override after its own.
const trust = readTrustSettings(JSON.parse(args[1] ?? ""), context);
const native = nativeOverridePatch({ targetSurface, overrides: trust.overrides, sourceWorkspaceIds });
const launch = { untrusted: [], configured: new Map(), context };
console.log(patchConfigOverrides(['model="o3"'], targetSurface, [native], launch).args);
