import { grantsFrom, judgeTrust, type GrantFile, type TrustFacts } from "@trust/claude-state-probe";

// The files come from another machine; this program reads nothing from the disk.
const settings: GrantFile = {
  file: "/srv/app/.claude/settings.json",
  kind: "settings",
  json: { permissions: { allow: ["Bash(npm test)"] } },
};
const facts: TrustFacts = {
  file: "/home/ada/.claude.json",
  projects: { "/srv": { hasTrustDialogAccepted: true } },
  paths: {
    given: "/srv/app",
    real: "/srv/app",
    home: "/home/ada",
    gitRoot: null,
    mainRoot: null,
    pointed: [],
    doubt: null,
    readSoSince: null,
  },
  grants: grantsFrom([settings]),
  cliVersion: "2.1.328",
};

const { state, code, why } = judgeTrust(facts);
console.log(`${state} (${code}): ${why}`);
